/* iam.role and iam.instance-profile: the AWS objects of IamRole. */

#include "modules/module.h"

static const struct property role_properties[] = {
	{ "RoleName", .flags = P_FIXED },
	{ "Path", .flags = P_FIXED, .dflt = "\"/\"" },
	{ "AssumeRolePolicyDocument", W_JSON, C_POLICY },
	{ "Description", .dflt = "\"\"", .unset = "\"\"" },
	{ "MaxSessionDuration", .flags = P_UNMANAGED },
	{ "PermissionsBoundary", .risk = "null" },
	{ "Policies", W_JSON, C_POLICY, P_OURS, .key = "*" },
	{ "ManagedPolicyArns", .same = C_SET, .flags = P_OURS, .risk = "more" },
	{ 0 },
};

/* [{PolicyName, PolicyDocument}] -> {name: document} */
static json_t *
policies_of(const json_t *list)
{
	json_t *map = json_object();

	for (size_t i = 0; i < js_len(list); i++)
		js_set(map, js_str(js_at(list, i), "PolicyName"),
		    js_copy(js_get(js_at(list, i), "PolicyDocument")));
	return map;
}

static json_t *
arns_of(const json_t *list)
{
	json_t *arns = json_array();

	for (size_t i = 0; i < js_len(list); i++)
		js_push(arns, js_copy(js_get(js_at(list, i), "PolicyArn")));
	return arns;
}

static void
role_normalise(json_t *live)
{
	const json_t *inline_ = js_get(live, "RolePolicyList");
	const json_t *managed = js_get(live, "AttachedManagedPolicies");
	const json_t *boundary = js_path(
	    live, "PermissionsBoundary.PermissionsBoundaryArn");

	if (boundary != NULL)
		js_set(live, "PermissionsBoundary", js_copy(boundary));
	if (js_len(inline_) > 0)
		js_set(live, "Policies", policies_of(inline_));
	if (js_len(managed) > 0)
		js_set(live, "ManagedPolicyArns", arns_of(managed));
	js_del(live, "RolePolicyList");
	js_del(live, "AttachedManagedPolicies");
	js_del(live, "PolicyNames");
}

static const struct patience role_patience[] = {
	/* a principal that was created a moment ago */
	{ "MalformedPolicyDocument", "nvalid principal", 60 },
	{ "ConcurrentModification", NULL, 30 },
	{ "DeleteConflict", NULL, 60 },
	{ 0 },
};

/*
 * The account's details come in pages with all that a role has but the length
 * of a session and the description, which the plain list has. A role that is
 * looked at alone takes three calls and one for every inline policy.
 */
const struct resource_type type_iam_role = {
	.name = "iam.role",
	.service = "iam",
	.page = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
		"API_CreateRole.html",
	.label = "$RoleName",
	.key = "RoleName",
	.arn = "\"arn:${partition}:iam::${account}:role${Path}${RoleName}\"",
	.list = { "GetAccountAuthorizationDetails",
	    "{Filter: [Role], MaxItems: 300}", "RoleDetailList", .full = true,
	    .from = 1 },
	.also = { "ListRoles", "{MaxItems: 1000}", "Roles" },
	.read = { "GetRole", "{RoleName: $RoleName}", .take = "Role" },
	.more = { { "ListRolePolicies", "{RoleName: $RoleName}",
		      .take = "PolicyNames", .put = "PolicyNames",
		      .listed = true },
	    { "GetRolePolicy", "{RoleName: $RoleName, PolicyName: $value}",
		.each = "PolicyNames", .put = "RolePolicyList",
		.listed = true },
	    { "ListAttachedRolePolicies", "{RoleName: $RoleName}",
		.take = "AttachedPolicies", .put = "AttachedManagedPolicies",
		.listed = true } },
	.create = { "CreateRole", "{...$all, Tags: $tags}" },
	.updates =
	    (const struct update[]) {
		{ "UpdateAssumeRolePolicy",
		    "{RoleName: $RoleName, PolicyDocument: $value}",
		    .of = "AssumeRolePolicyDocument", .each = true },
		{ "UpdateRole",
		    "{RoleName: $RoleName, Description: $Description, "
		    "MaxSessionDuration: $MaxSessionDuration, ...$changes}",
		    .of = "Description MaxSessionDuration" },
		{ "PutRolePermissionsBoundary",
		    "{RoleName: $RoleName, PermissionsBoundary: "
		    "$PermissionsBoundary}",
		    .of = "PermissionsBoundary", .on = ON_ADD | ON_CHANGE },
		{ "DeleteRolePermissionsBoundary", "{RoleName: $RoleName}",
		    .of = "PermissionsBoundary", .on = ON_REMOVE },
		{ "PutRolePolicy",
		    "{RoleName: $RoleName, PolicyName: $name, "
		    "PolicyDocument: $value}",
		    .of = "Policies", .on = ON_ADD | ON_CHANGE, .each = true },
		{ "DeleteRolePolicy",
		    "{RoleName: $RoleName, PolicyName: $name}",
		    .of = "Policies", .on = ON_REMOVE, .each = true },
		{ "AttachRolePolicy",
		    "{RoleName: $RoleName, PolicyArn: $value}",
		    .of = "ManagedPolicyArns", .on = ON_ADD, .each = true },
		{ "DetachRolePolicy",
		    "{RoleName: $RoleName, PolicyArn: $value}",
		    .of = "ManagedPolicyArns", .on = ON_REMOVE, .each = true },
		{ 0 } },
	.drain = "Policies ManagedPolicyArns",
	.remove = { "DeleteRole", "{RoleName: $RoleName}" },
	.tags = {
		.shape = TAGS_KEY_VALUE,
		.at = "Tags",
		.add = { "TagRole", "{RoleName: $RoleName, Tags: $tags}" },
		.remove = { "UntagRole",
		    "{RoleName: $RoleName, TagKeys: $keys}" },
		.on_create = true,
	},
	.properties = role_properties,
	.patience = role_patience,
	.normalise = role_normalise,
};

/* ---- a profile holds one role, for EC2 instances ---- */

static const struct property profile_properties[] = {
	{ "InstanceProfileName", .flags = P_FIXED },
	{ "Path", .flags = P_FIXED, .dflt = "\"/\"" },
	{ "RoleName", .flags = P_OURS },
	{ 0 },
};

/* PresentRole: never desired, so it always names the role to take out. */
static void
profile_normalise(json_t *live)
{
	const json_t *role = js_path(live, "Roles.0.RoleName");

	js_set(live, "RoleName", js_copy(role));
	js_set(live, "PresentRole", js_copy(role));
	js_del(live, "Roles");
}

static const struct permission profile_permissions[] = {
	{ "iam:PassRole",
	    "\"arn:${partition}:iam::${account}:role${Path}${RoleName}\"",
	    .key = "iam:PassedToService", .value = "ec2.amazonaws.com" },
	{ 0 },
};

const struct resource_type type_iam_instance_profile = {
	.name = "iam.instance-profile",
	.service = "iam",
	.page = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
		"API_CreateInstanceProfile.html",
	.label = "$InstanceProfileName",
	.key = "InstanceProfileName",
	.parent = "iam.role",
	.outlives = true,
	.exclusive = true,
	.arn = "\"arn:${partition}:iam::${account}:instance-profile${Path}"
	       "${InstanceProfileName}\"",
	.list = { "ListInstanceProfilesForRole", "{RoleName: $parent.RoleName}",
	    "InstanceProfiles", .held = "InstanceProfileList" },
	.read = { "GetInstanceProfile",
	    "{InstanceProfileName: $InstanceProfileName}",
	    .take = "InstanceProfile" },
	.create = { "CreateInstanceProfile", "{...$all, Tags: $tags}" },
	.updates =
	    (const struct update[]) {
		{ "RemoveRoleFromInstanceProfile",
		    "{InstanceProfileName: $InstanceProfileName, RoleName: "
		    "$PresentRole}",
		    .of = "RoleName", .on = ON_CHANGE | ON_REMOVE },
		{ "AddRoleToInstanceProfile",
		    "{InstanceProfileName: $InstanceProfileName, RoleName: "
		    "$RoleName}",
		    .of = "RoleName", .on = ON_ADD | ON_CHANGE },
		{ 0 } },
	.drain = "RoleName",
	.remove = { "DeleteInstanceProfile",
	    "{InstanceProfileName: $InstanceProfileName}" },
	.tags = {
		.shape = TAGS_KEY_VALUE,
		.at = "Tags",
		.add = { "TagInstanceProfile",
		    "{InstanceProfileName: $InstanceProfileName, Tags: $tags}" },
		.remove = { "UntagInstanceProfile",
		    "{InstanceProfileName: $InstanceProfileName, TagKeys: "
		    "$keys}" },
		.on_create = true,
	},
	.properties = profile_properties,
	.permissions = profile_permissions,
	.patience = role_patience,
	.normalise = profile_normalise,
};
