"""What outlives a DynamoDB table, as AWS leaves it: nothing is left behind,
whoever deleted the table and whatever Git says meanwhile."""
from harness import Case, architecture, documents, manifest

SCALING = {"billing": {"autoscaling": {"min": 3, "max": 9}}}


class Targets(Case):
    def push(self, *tables):
        self.repo.push({"a.yaml": documents(architecture(), *tables, manifest("SqsQueue", "q"))})

    def table(self, **spec):
        return manifest("DynamoDbTable", "orders", {"partitionKey": "id:S", "deletionProtection": False, **spec})

    def setUp(self):
        super().setUp()
        self.push(self.table(**SCALING))
        self.w.once()
        self.assertEqual(2, len(self.targets()))
        self.assertEqual({"shop/DynamoDbTable/orders/target.read", "shop/DynamoDbTable/orders/target.write"},
                         {self.tags(t).get("convergd:resource") for t in self.targets()})

    def scaling(self):
        return self.w.boto("application-autoscaling")

    def targets(self):
        return self.scaling().describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]

    def tags(self, target):
        return self.scaling().list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]

    def delete_table(self):
        self.w.boto("dynamodb").delete_table(TableName="shop-orders")

    def quiet(self):
        self.aws.clear()
        self.w.once()
        self.no_writes()
        self.assertEqual([], [c for c in self.aws.calls if c.service == "application-autoscaling"])

    def test_the_table_is_deleted_and_git_drops_scaling(self):
        self.delete_table()
        self.push(self.table(billing={"read": 2, "write": 2}))
        self.w.once()
        self.assertEqual([], self.targets())
        self.assertEqual(["shop-orders"], self.w.boto("dynamodb").list_tables()["TableNames"])
        self.quiet()

    def test_the_table_is_deleted_and_leaves_git(self):
        self.delete_table()
        self.push()
        self.w.once()
        self.assertEqual([], self.targets())
        self.assertEqual([], self.scaling().describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"])
        self.quiet()

    def test_the_table_is_deleted_and_git_wants_it(self):
        before = {t["ScalableTargetARN"] for t in self.targets()}
        self.delete_table()
        self.aws.clear()
        self.w.once()
        self.assertEqual(before, {t["ScalableTargetARN"] for t in self.targets()})
        self.assertEqual([], [c for c in self.aws.writes() if c.operation == "DeregisterScalableTarget"])
        self.w.once()

    def test_strangers_targets_stay(self):
        self.scaling().register_scalable_target(ServiceNamespace="dynamodb", ResourceId="table/theirs", ScalableDimension="dynamodb:table:ReadCapacityUnits",
                                                MinCapacity=1, MaxCapacity=5)
        self.delete_table()
        self.push()
        self.w.once()
        self.assertEqual(["table/theirs"], [t["ResourceId"] for t in self.targets()])
