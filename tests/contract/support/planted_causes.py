"""All planted causes."""

import planted_columns as columns
import planted_company as company
import planted_times as times

MAKERS = (
    columns.category,
    columns.brand,
    columns.segment,
    columns.text,
    columns.price,
    columns.discount,
    company.pairs,
    company.peers,
    company.taste,
    company.substitute,
    times.changing_taste,
    times.season,
    times.trend,
    times.age,
    times.habit,
    times.reorder_cycle,
    times.rebuy_rate,
    times.last_sold,
    times.popularity,
)
# Causes that a shop without time and order shows too, where documented weights stand. Not the price: what it gives
# beside the factor model is too little to tell from chance.
WITHOUT_TIME = (
    columns.category,
    columns.brand,
    columns.segment,
    columns.text,
    columns.discount,
    company.pairs,
    company.peers,
    times.habit,
)
