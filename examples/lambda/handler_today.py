"""What many shops run on AWS Lambda today, to put beside purvey: docs/migration-lambda.md says what is wrong with it.

Needs implicit, scipy and numpy in the package or in layers.
"""

import json

import implicit
import scipy.sparse

USERS, PRODUCTS = 1000, 500


def lambda_handler(event, context):
    user_id, n = int(event["user_id"]), int(event.get("n", 5))
    purchases = scipy.sparse.random(USERS, PRODUCTS, density=0.02, format="csr")
    model = implicit.als.AlternatingLeastSquares(factors=32, iterations=10)
    model.fit(purchases)
    products, scores = model.recommend(user_id, purchases[user_id], N=n)
    recommendations = [{"product_id": int(product), "score": float(score)} for product, score in zip(products, scores)]
    return {"statusCode": 200, "body": json.dumps({"user_id": user_id, "recommendations": recommendations})}
