/* IamRole: a role made by hand; modules make their own. */

#include "modules/module.h"

static const struct field trust[] = {
	{ "services", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "AWS services that may take the role: "
		    "lambda.amazonaws.com" },
	{ "document", F_DOCUMENT, .help = "a whole trust policy" },
	{ 0 },
};

static const struct field policy[] = {
	{ "statements", F_LIST, .fields = statement_fields,
	    .help = "policy statements" },
	{ "document", F_DOCUMENT, .help = "a whole policy document" },
	{ 0 },
};

static const struct field each_policy[] = {
	{ "policy", F_CHOICE, .fields = policy,
	    .help = "statements, or a document" },
	{ 0 },
};

static const struct field spec[] = {
	{ "trust", F_CHOICE, F_REQUIRED, .fields = trust,
	    .help = "who may take the role: service principals, or a policy "
		    "document" },
	{ "description", F_STRING, .dflt = "\"\"", .max = 1000,
	    .help = "what the role is for" },
	{ "managedPolicies", F_LIST, F_UNIQUE, .fields = module_word,
	    .help = "ARNs, or names of AWS's own policies; all others are "
		    "detached" },
	{ "policies", F_MAP, .fields = each_policy,
	    .help = "name -> statements or document; all others are removed" },
	{ "maxSession", F_DURATION, .dflt = "1h", .min = 3600, .max = 43200,
	    .help = "longest session of somebody who took the role" },
	{ "permissionsBoundary", F_STRING, .form = "arn",
	    .help = "ARN of the policy that limits what the role can do" },
	{ "path", F_STRING, F_FIXED,
	    .help = "IAM path; /convergd/<architecture>/ unless said" },
	{ "instanceProfile", F_BOOL, .dflt = "false",
	    .help = "make an instance profile of the same name for EC2" },
	FIELD_STATEMENTS,
	{ 0 },
};

static const struct output outputs[] = {
	{ "arn", "role", "@arn", "ARN" },
	{ "name", "role", "RoleName", "AWS name" },
	{ "id", "role", "RoleId", "unique id" },
	{ "instanceProfileArn", "profile", "@arn",
	    "ARN of the instance profile" },
	{ 0 },
};

/* "ReadOnlyAccess" is AWS's policy of that name; an ARN stays. */
static json_t *
managed_arn(const char *name)
{
	if (text_starts(name, "arn:"))
		return js_new_str(name);
	return expansion_join(js_pack("[s, o, s, s]",
	    "arn:", module_aws("partition"), ":iam::aws:policy/", name));
}

static json_t *
managed_arns(const json_t *names)
{
	json_t *arns = js_len(names) > 0 ? json_array() : NULL;
	size_t i;
	json_t *name;

	js_each (names, i, name)
		js_push(arns, json_is_string(name)
				  ? managed_arn(json_string_value(name))
				  : js_copy(name));
	return arns;
}

static json_t *
document_of(const json_t *statements_or_document)
{
	json_t *statements;

	if (json_is_object(statements_or_document))
		return js_copy(statements_or_document);
	statements = json_array();
	module_add_statements(statements, statements_or_document, NULL);
	return module_policy(statements);
}

/* policies, and those statements that stand alone in `policy`. */
static json_t *
inline_policies(struct expansion *x)
{
	json_t *all = json_object(), *statements = json_array();
	const char *name;
	json_t *value;

	js_foreach (js_get(x->spec, "policies"), name, value)
		js_set(all, name, document_of(value));
	module_add_statements(statements, js_get(x->spec, "policy"), NULL);
	js_set(all, "policy", module_policy(statements));
	if (js_len(all) > 0)
		return all;
	js_free(all);
	return NULL;
}

static json_t *
trust_policy(const json_t *given)
{
	return json_is_array(given) ? module_trust(given) : js_copy(given);
}

static void
check(struct expansion *x)
{
	const char *path = js_str(x->spec, "path");

	module_name_fits(x, x->aws_name, 64);
	if (path != NULL && (*path != '/' || path[strlen(path) - 1] != '/'))
		expansion_error(
		    x, "/path", "\"%s\" must start and end with \"/\"", path);
	if (js_len(js_get(x->spec, "managedPolicies")) > 20)
		expansion_error(x, "/managedPolicies",
		    "%zu policies; AWS attaches at most 20 to a role, put "
		    "statements into `policies`",
		    js_len(js_get(x->spec, "managedPolicies")));
}

static void
expand(struct expansion *x)
{
	const char *path = js_str(x->spec, "path");
	json_t *at = path != NULL ? js_new_str(path) : module_path(x);
	json_t *props = js_pack("{s:s, s:O, s:o, s:O, s:O}", "RoleName",
	    x->aws_name, "Path", at, "AssumeRolePolicyDocument",
	    trust_policy(js_get(x->spec, "trust")), "Description",
	    js_get(x->spec, "description"), "MaxSessionDuration",
	    js_get(x->spec, "maxSession"));

	check(x);
	js_set(props, "PermissionsBoundary",
	    js_copy(js_get(x->spec, "permissionsBoundary")));
	js_set(props, "Policies", inline_policies(x));
	js_set(props, "ManagedPolicyArns",
	    managed_arns(js_get(x->spec, "managedPolicies")));
	expansion_add(x, "role", "iam.role", props);
	if (js_bool(x->spec, "instanceProfile", false))
		expansion_add_child(x, "profile", "role",
		    "iam.instance-profile",
		    js_pack("{s:s, s:O, s:o}", "InstanceProfileName",
			x->aws_name, "Path", at, "RoleName",
			expansion_own(x, "role", "RoleName")));
	js_free(at);
}

const struct module kind_iam_role = {
	.kind = "IamRole",
	.folder = "iam",
	.summary = "a role with its policies",
	.page = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
		"id_roles.html",
	.spec = spec,
	.outputs = outputs,
	.expand = expand,
};
