#!/usr/bin/env python3
"""An answer of purvey's function in the words of handler_today.py, for callers that are to stay as they are.

    as_today(answer)              in a program that has the answer of `lambda invoke` or of boto3's invoke() as a dict
    as_today.py < answer.json     in a shell

Refusals (any status but 200) are handed on as they came.
"""

import json
import sys


def as_today(answer):
    if answer["statusCode"] != 200:
        return answer
    said = json.loads(answer["body"])
    user = said["user"]
    body = {
        # Today's ids are integers; a text such as "007" would lose its zeros and stays a text.
        "user_id": int(user) if user is not None and user.isascii() and user.isdigit() and str(int(user)) == user else user,
        "recommendations": [{"product_id": item["item"], "score": item["score"]} for item in said["items"]],
    }
    return {"statusCode": 200, "body": json.dumps(body)}


if __name__ == "__main__":
    json.dump(as_today(json.load(sys.stdin)), sys.stdout)
    print()
