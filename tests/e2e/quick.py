"""What moto 5.2.1 computes anew for every request or account, and need not:
the same answers in less than half of the time."""
import functools


def once(module, name):
    """A pure function of moto that remembers its answers."""
    setattr(module, name, functools.lru_cache(maxsize=None)(getattr(module, name)))


def remember_policies(iam):
    """The thousand policies of AWS itself are the same in every account; of
    them only the number of attachments changes."""
    make = iam.IAMBackend._init_aws_policies
    made = {}

    def policies(self):
        key = self.account_id, self.region_name
        if key not in made:
            made[key] = make(self)
        for p in made[key]:
            p.attachment_count = 0
        return list(made[key])
    iam.IAMBackend._init_aws_policies = policies


def only_what_exists(iam):
    """The owner of a key, without an account in every partition of the world."""
    def owner(key):
        for account, backends in list(iam.iam_backends.items()):
            if any(key in b.access_keys for b in list(backends.values())):
                return account
        return iam.DEFAULT_ACCOUNT_ID
    iam.get_account_id_from = owner


def install():
    from moto import backends
    from moto.core import responses
    from moto.iam import models as iam
    from moto.sqs import models as sqs
    names = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: names
    once(responses, "method_names_from_class")
    once(responses, "camelcase_to_underscores")
    once(sqs, "camelcase_to_underscores")
    remember_policies(iam)
    only_what_exists(iam)
