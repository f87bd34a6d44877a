/* API models: lookups, and what aws.h tells about them. */

#include "common/aws/aws.h"
#include "common/aws/model_build.h"
#include "common/base/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *service, *op, *dotted;
	bool output, want;
} members[] = {
	{ "sqs", "CreateQueue", "QueueName", false, true },
	{ "sqs", "CreateQueue", "Queuename", false, false },
	{ "sqs", "CreateQueue", "QueueUrl", true, true },
	{ "sqs", "CreateQueue", "QueueUrl", false, false },
	{ "sqs", "NoSuchOperation", "QueueName", false, false },
	{ "nothing", "CreateQueue", "QueueName", false, false },
	{ "ec2", "DescribeVpcs", "Vpcs.CidrBlockAssociationSet.CidrBlock", true,
	    true },
	{ "ec2", "DescribeVpcs", "Vpcs.Nothing", true, false },
	{ "ec2", "DescribeVpcs", "Vpcs.VpcId.More", true, false },
	{ "lambda", "CreateFunction", "Environment.Variables", false, true },
	{ "lambda", "CreateFunction", "Code.ZipFile", false, true },
};

START_TEST(has_member)
{
	ck_assert_int_eq(aws_has_member(members[_i].service, members[_i].op,
			     members[_i].output, members[_i].dotted),
	    members[_i].want);
}
END_TEST

static const struct {
	const char *service, *op;
	bool want;
} reads[] = {
	{ "ec2", "DescribeVpcs", true },
	{ "ec2", "CreateVpc", false },
	{ "s3", "HeadBucket", true },
	{ "s3", "GetBucketPolicy", true },
	{ "iam", "SimulatePrincipalPolicy", true },
	{ "dynamodb", "Query", true },
	{ "lambda", "Invoke", false },
	{ "lambda", "ListFunctions", true },
	{ "kms", "Decrypt", false },
	{ "logs", "FilterLogEvents", true },
};

START_TEST(is_read)
{
	ck_assert(aws_has_operation(reads[_i].service, reads[_i].op));
	ck_assert_int_eq(
	    aws_is_read(reads[_i].service, reads[_i].op), reads[_i].want);
}
END_TEST

/* Every name is found again, and they come in order. */
START_TEST(names)
{
	const char *service, *op, *last = "";
	size_t ops = 0;

	for (size_t i = 0; (service = aws_service_name(i)) != NULL; i++) {
		const char *last_op = "";

		ck_assert_int_lt(strcmp(last, service), 0);
		for (size_t k = 0; (op = aws_operation_name(service, k)); k++) {
			ck_assert_int_lt(strcmp(last_op, op), 0);
			ck_assert(aws_has_operation(service, op));
			last_op = op;
			ops++;
		}
		last = service;
	}
	ck_assert_uint_gt(ops, 1000);
	ck_assert_ptr_null(aws_operation_name("nothing", 0));
}
END_TEST

/* Every member of every struct, by both of its names. */
START_TEST(indices)
{
	const struct model *m = &model_builtin;

	for (size_t i = 0; i < m->n_services; i++) {
		const struct model_service *s = &m->services[i];

		for (size_t k = 0; k < s->n_ops; k++) {
			const struct model_shape *in = model_shape(
			    m, m->ops[s->first_op + k].in);

			for (size_t n = 0; in != NULL && n < in->n; n++) {
				const struct model_member *mb =
				    &m->members[in->a + n];

				ck_assert_ptr_eq(
				    model_member(m, in, model_str(m, mb->name)),
				    mb);
				if (mb->location == LOC_BODY &&
				    (mb->flags & M_ATTRIBUTE) == 0)
					ck_assert_ptr_eq(
					    model_element(m, in,
						model_str(m, mb->wire),
						strlen(model_str(m, mb->wire))),
					    mb);
			}
		}
	}
}
END_TEST

static const struct {
	const char *json;
	bool good;
} models[] = {
	{ "{'x':{'api':'1','ep':'x','proto':'json','ops':{'A':{'h':'POST /',"
	  "'i':0}},'errors':{},'shapes':[['S',[['a','s']]]]}}",
	    true },
	{ "{'x':{'proto':'carrier-pigeon','ops':{},'shapes':[]}}", false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'POST'}},'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'POST /','i':7}},"
	  "'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['Q']]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['L','zz']]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',[['a',9]]]]}}", false },
	/* the output is a list */
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /','o':0}},'shapes':"
	  "[['L','s']]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /','o':'s'}},'shapes':"
	  "[]}}",
	    false },
	/* shapes that are not there, or nowhere */
	{ "{'x':{'proto':'json','ops':{},'shapes':[['L',-3]]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['L',65503]]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['L']]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',[['a']]]]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['M',0,'s']]}}", false },
	/* lists for objects, and the other way round */
	{ "{'x':{'proto':'json','ops':[{'h':'GET /'}],'shapes':[]}}", false },
	{ "{'x':{'proto':'json','ops':{},'errors':['A'],'shapes':[]}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':{'a':['L','s']}}}", false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',{'a':'s'}]]}}", false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /','e':{'a':1}}},"
	  "'errors':{},'shapes':[]}}",
	    false },
	/* names that are none */
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',[[1,'s']],"
	  "{'p':'a'}]]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /','e':[1]}},'shapes':"
	  "[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /','e':['No']}},"
	  "'errors':{},'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /','pg':{'i':[1]}}},"
	  "'shapes':[]}}",
	    false },
	/* paths */
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /{a+}/b?c'}},"
	  "'shapes':[]}}",
	    true },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET a'}},'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /{}'}},'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /{+}'}},'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /{a'}},'shapes':[]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{'A':{'h':'GET /{a?b}'}},'shapes':[]}}",
	    false },
	/* structures in headers and paths; places that do not exist */
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',[['a',0,"
	  "{'l':'header'}]]]]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',[['a',0,"
	  "{'l':'uri'}]]]]}}",
	    false },
	{ "{'x':{'proto':'json','ops':{},'shapes':[['S',[['a','s',"
	  "{'l':'trunk'}]]]]}}",
	    false },
};

START_TEST(build)
{
	auto_free char *text = mem_str(models[_i].json);
	auto_of(model_tables_free) struct model_tables *t = NULL;
	json_auto_t *json = NULL;
	struct err err = { 0 };

	for (char *c = text; *c != 0; c++)
		if (*c == '\'')
			*c = '"';
	ck_assert_int_eq(js_parse(text, strlen(text), &json, &err), 0);
	ck_assert_int_eq(model_build(json, &t, &err), models[_i].good ? 0 : -1);
	if (models[_i].good)
		ck_assert_ptr_nonnull(
		    model_op(&t->model, model_service(&t->model, "x"), "A"));
	else
		ck_assert_int_eq(err.kind, ERR_INPUT);
}
END_TEST

#define ROWS(x) (int)(sizeof(x) / sizeof(*(x)))

int
main(void)
{
	Suite *s = suite_create("model");
	TCase *t = tcase_create("rows");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, has_member, 0, ROWS(members));
	tcase_add_loop_test(t, is_read, 0, ROWS(reads));
	tcase_add_test(t, names);
	tcase_add_test(t, indices);
	tcase_add_loop_test(t, build, 0, ROWS(models));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
