/* event.c - see event.h. */
#include "events/event.h"

const char *pv_event_type_name(pv_event_type type)
{
    static const char *const names[PV_EVENT_TYPE_COUNT] = {
        [PV_EVENT_PURCHASE] = "purchase", [PV_EVENT_RETURN] = "return", [PV_EVENT_SHOWN] = "shown",
        [PV_EVENT_CLICK] = "click",       [PV_EVENT_CART] = "cart",     [PV_EVENT_DISMISS] = "dismiss",
        [PV_EVENT_PRODUCT] = "item",      [PV_EVENT_COMPANY] = "user",  [PV_EVENT_ELIGIBILITY] = "eligibility",
    };
    return names[type];
}
