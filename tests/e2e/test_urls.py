"""URLs of functions that somebody made by hand, where Git wants none."""
from harness import Case, architecture, documents, manifest
from test_kinds import CODE, FUNCTION


class ByHand(Case):
    def setUp(self):
        super().setUp()
        self.repo.push({**CODE, "a.yaml": documents(architecture(), *(manifest("LambdaFunction", n, FUNCTION) for n in "fg"))})
        self.w.settings(reconcile={"interval": "1h"})
        self.w.start()
        self.w.wait_synced(seconds=120)
        self.w.quiet()
        self.c = self.w.boto("lambda")

    def reconcile(self):
        self.aws.clear()
        self.w.ctl("reconcile", "--socket", self.w.socket, "--wait")

    def looks(self):
        return [c.input["FunctionName"] for c in self.aws.calls if c.operation == "GetFunctionUrlConfig"]

    def urls(self):
        return [u["FunctionUrl"] for n in "fg" for u in self.c.list_function_url_configs(FunctionName=f"shop-{n}")["FunctionUrlConfigs"]]

    def test_open_to_the_world_goes_with_the_next_pass(self):
        self.reconcile()
        self.assertEqual([], self.looks())
        self.c.create_function_url_config(FunctionName="shop-f", AuthType="NONE")
        self.c.add_permission(FunctionName="shop-f", StatementId="FunctionURLAllowPublicAccess", Action="lambda:InvokeFunctionUrl", Principal="*",
                              FunctionUrlAuthType="NONE")
        self.reconcile()
        self.assertEqual([], self.urls())
        with self.assertRaises(self.c.exceptions.ResourceNotFoundException):
            self.c.get_policy(FunctionName="shop-f")
        self.assertEqual({"shop-f"}, set(self.looks()))
        self.reconcile()
        self.assertEqual([], self.looks())
        self.no_writes()
