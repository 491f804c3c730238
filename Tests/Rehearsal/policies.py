"""What a policy document of IAM allows: Allow statements with wildcards, and the operators of conditions that terraform/ uses."""

import fnmatch

# Nothing here encrypts with a key of KMS, so that these are taken as fulfilled.
IGNORED = {"kms:ViaService", "kms:ResourceAliases"}


def allows(policy: dict, action: str, resource: str, context: dict) -> bool:
    """True if a statement allows the action on the resource; raises ValueError on what it does not know."""
    return any(_applies(statement, action, resource, context) for statement in policy["Statement"])


def _applies(statement: dict, action: str, resource: str, context: dict) -> bool:
    if statement["Effect"] != "Allow" or set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}:
        raise ValueError(f"a statement of another kind: {statement}")
    if not any(fnmatch.fnmatchcase(action, one) for one in statement["Action"]):
        return False
    if not any(fnmatch.fnmatchcase(resource, one) for one in statement["Resource"]):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            if key in IGNORED:
                continue
            patterns = wanted if isinstance(wanted, list) else [wanted]
            if operator == "StringEquals":
                fulfilled = context.get(key) in patterns
            elif operator == "StringLike":
                fulfilled = key in context and any(fnmatch.fnmatchcase(context[key], one) for one in patterns)
            else:
                raise ValueError(f"the operator {operator} is not known here")
            if not fulfilled:
                return False
    return True
