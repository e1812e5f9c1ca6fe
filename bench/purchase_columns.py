"""The columns of user_purchases.csv that all readers read."""

COLUMNS = ("user_id", "product_id", "order_id", "time", "quantity", "unit_price")
