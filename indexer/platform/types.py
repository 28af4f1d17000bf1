"""What people call a resource that a provider calls something else, and which resources nobody asks about.

One table serves every tool: Terraform's `aws_sqs_queue`, Pulumi's `aws:sqs/queue:Queue` and Crossplane's
`sqs.aws.upbound.io` `Queue` are all `aws` `sqs_queue` here.

The rule, in this order: what the table names is kept; what only connects, configures or permits other things is
left alone, as is everything of providers that run nothing; of the large clouds the rest is kept under a readable
form of its own name, of other providers it is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PROVIDERS = {
    "aws": "aws",
    "awscc": "aws",
    "aws-native": "aws",
    "google": "gcp",
    "google-beta": "gcp",
    "google-native": "gcp",
    "gcp": "gcp",
    "azurerm": "azure",
    "azure": "azure",
    "azure-native": "azure",
    "azapi": "azure",
    "alicloud": "alibaba",
    "oci": "oracle",
    "ibm": "ibm",
    "digitalocean": "digitalocean",
    "hcloud": "hetzner",
    "linode": "linode",
    "scaleway": "scaleway",
    "openstack": "openstack",
    "ovh": "ovh",
    "cloudflare": "cloudflare",
    "mongodbatlas": "mongodb atlas",
    "confluent": "confluent",
    "confluentcloud": "confluent",
    "snowflake": "snowflake",
    "databricks": "databricks",
    "aiven": "aiven",
    "rediscloud": "redis cloud",
    "cockroach": "cockroachdb",
    "neon": "neon",
    "planetscale": "planetscale",
    "elasticstack": "elastic",
    "ec": "elastic",
    "upstash": "upstash",
    "heroku": "heroku",
    "fastly": "fastly",
    "vercel": "vercel",
    "netlify": "netlify",
    "rabbitmq": "rabbitmq",
    "kafka": "kafka",
    "postgresql": "postgresql",
    "mysql": "mysql",
}
"""Provider as the tools name it → as people do; providers that are not here run nothing themselves."""

CLOUDS = frozenset(
    {
        "aws",
        "gcp",
        "azure",
        "alibaba",
        "oracle",
        "ibm",
        "digitalocean",
        "hetzner",
        "linode",
        "scaleway",
        "openstack",
        "ovh",
    }
)
"""Of these, also what the table does not name is kept, when it is no glue."""

_NAMED: dict[str, dict[str, str]] = {
    "aws": {
        "database": """db_instance rds_instance rds_cluster rds_db_instance rds_db_cluster rds_global_cluster dynamodb_table
            dynamodb_global_table docdb_cluster neptune_cluster keyspaces_table timestreamwrite_database memorydb_cluster
            rds_dbinstance rds_dbcluster dsql_cluster qldb_ledger""",
        "data-warehouse": "redshift_cluster redshiftserverless_workgroup",
        "cache": """elasticache_cluster elasticache_replication_group elasticache_serverless_cache elasticache_user_cache
            elasticache_cache_cluster dax_cluster""",
        "bucket": "s3_bucket s3_directory_bucket s3control_bucket",
        "queue": "sqs_queue mq_broker",
        "topic": "sns_topic",
        "stream": "kinesis_stream kinesis_firehose_delivery_stream",
        "event-bus": "cloudwatch_event_bus eventbridge_event_bus",
        "kafka-cluster": "msk_cluster msk_serverless_cluster kafka_cluster",
        "cluster": "eks_cluster ecs_cluster emr_cluster",
        "container-service": "ecs_service apprunner_service",
        "function": "lambda_function",
        "virtual-machine": "instance ec2_instance spot_instance_request lightsail_instance",
        "instance-group": "autoscaling_group",
        "dns-zone": "route53_zone",
        "load-balancer": "lb alb elb elbv2_load_balancer lb_load_balancer",
        "cdn": "cloudfront_distribution",
        "api-gateway": "api_gateway_rest_api apigatewayv2_api apigateway_rest_api appsync_graphql_api",
        "search-cluster": "opensearch_domain elasticsearch_domain opensearchserverless_collection",
        "file-system": "efs_file_system fsx_lustre_file_system fsx_windows_file_system fsx_ontap_file_system",
        "container-registry": "ecr_repository",
        "workflow": "sfn_state_machine mwaa_environment",
        "user-pool": "cognito_user_pool",
        "secret": "secretsmanager_secret",
        "ml-endpoint": "sagemaker_endpoint",
        "network": "vpc ec2_vpc",
    },
    "gcp": {
        "database": """sql_database_instance spanner_instance spanner_database bigtable_instance firestore_database alloydb_cluster
            sql_instance""",
        "data-warehouse": "bigquery_dataset",
        "cache": "redis_instance memcache_instance redis_cluster memorystore_instance",
        "bucket": "storage_bucket",
        "queue": "cloud_tasks_queue cloudtasks_queue",
        "topic": "pubsub_topic pubsub_lite_topic",
        "subscription": "pubsub_subscription",
        "kafka-cluster": "managed_kafka_cluster",
        "cluster": "container_cluster gke_cluster dataproc_cluster",
        "container-service": """cloud_run_service cloud_run_v2_service cloudrun_service cloudrunv2_service app_engine_application
            cloudrun_v2_service""",
        "function": "cloudfunctions_function cloudfunctions2_function cloudfunctionsv2_function",
        "virtual-machine": "compute_instance",
        "instance-group": "compute_instance_group_manager compute_region_instance_group_manager",
        "dns-zone": "dns_managed_zone",
        "load-balancer": "compute_global_forwarding_rule compute_forwarding_rule",
        "container-registry": "artifact_registry_repository artifactregistry_repository container_registry",
        "secret": "secret_manager_secret secretmanager_secret",
        "file-system": "filestore_instance",
        "workflow": "workflows_workflow composer_environment cloud_scheduler_job cloudscheduler_job",
        "network": "compute_network",
    },
    "azure": {
        "database": """postgresql_server postgresql_flexible_server mysql_server mysql_flexible_server mariadb_server mssql_server
            mssql_database mssql_managed_instance sql_server sql_database cosmosdb_account cosmosdb_sql_database
            cosmosdb_postgresql_cluster dbforpostgresql_server dbforpostgresql_flexible_server dbformysql_flexible_server
            dbformysql_server documentdb_database_account""",
        "data-warehouse": "synapse_workspace synapse_sql_pool kusto_cluster",
        "cache": "redis_cache cache_redis redis_enterprise_cluster managed_redis",
        "storage-account": "storage_account",
        "bucket": "storage_container storage_blob_container storage_data_lake_gen2_filesystem",
        "queue": "servicebus_queue storage_queue",
        "topic": "servicebus_topic eventgrid_topic",
        "stream": "eventhub eventhub_event_hub",
        "cluster": "kubernetes_cluster containerservice_managed_cluster hdinsight_kafka_cluster service_fabric_cluster",
        "container-service": "container_app container_group app_container_app containerapp",
        "function": "function_app linux_function_app windows_function_app function_app_flex_consumption",
        "web-app": "linux_web_app windows_web_app app_service web_web_app static_web_app",
        "virtual-machine": "linux_virtual_machine windows_virtual_machine virtual_machine compute_virtual_machine",
        "instance-group": "linux_virtual_machine_scale_set windows_virtual_machine_scale_set",
        "dns-zone": "dns_zone private_dns_zone network_zone",
        "load-balancer": "lb application_gateway frontdoor network_load_balancer cdn_frontdoor_profile",
        "cdn": "cdn_profile cdn_endpoint",
        "api-gateway": "api_management",
        "search-cluster": "search_service",
        "container-registry": "container_registry containerregistry_registry",
        "secret-store": "key_vault keyvault_vault",
        "workflow": "logic_app_workflow logic_app_standard data_factory",
        "network": "virtual_network network_virtual_network",
    },
    "": {  # of any other provider
        "database": """database database_cluster managed_database mongodbatlas_cluster mongodbatlas_advanced_cluster cluster_v2
            neon_project planetscale_database postgresql_database mysql_database pg mysql postgresql cassandra rdb_instance
            rds_instance polardb_cluster db_instance database_db database_mysql database_postgresql autonomous_database
            rediscloud_database""",
        "cache": "redis valkey redis_cluster database_redis upstash_redis_database kvstore_instance",
        "bucket": "spaces_bucket object_bucket object_storage_bucket r2_bucket oss_bucket s3_bucket objectstorage_bucket",
        "queue": "queue rabbitmq_queue",
        "topic": "kafka_topic topic",
        "kafka-cluster": "kafka kafka_cluster",
        "cluster": "kubernetes_cluster k8s_cluster lke_cluster container_cluster containerengine_cluster databricks_cluster cluster",
        "data-warehouse": "warehouse snowflake_database",
        "search-cluster": "opensearch elasticsearch ec_deployment",
        "virtual-machine": "droplet server instance core_instance",
        "load-balancer": "loadbalancer load_balancer nodebalancer",
        "function": "function workers_script worker_script",
        "dns-zone": "zone domain dns_zone",
        "app": "app vercel_project netlify_site web_app",
    },
}

TYPES: dict[tuple[str, str], str] = {
    (provider, name): sort
    for provider, sorts in _NAMED.items()
    for sort, names in sorts.items()
    for name in names.split()
}
"""(provider or "", the provider's type without its name) → what people call it."""

_GLUE = frozenset(
    """access account acl address alarm alias api_key assignment association attachment authorizer backup binding block
    certificate condition config configuration connection credential credentials dashboard default deployment detector
    eip endpoint entitlement firewall flow_log gateway grant group grants iam image integration interface invocation key
    layer lifecycle link listener lock log logging mapping member membership metric method model monitor
    node nodegroup node_group nodes notification object option override package parameter parameters password peering
    permission permissions plan policy pool principal profile propagation provider proxy quota record records
    recorder registration reservation resource_group response rest role route rotation routes rule rules schedule schema script secret_version
    security_group service_account set setting settings snapshot stage subnet subnets subscriber table_item
    target template token tag tags trigger user validation variable version versioning volume warmer web_acl
    website""".split()
)
"""Last words of a type that only connects, configures or permits something else."""

_ENGINES = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class Sort:
    """What a provider's type is.

    Attributes:
        provider: as people name it.
        type: what people call such a thing; None when it is left alone.
        reason: why it is left alone; empty otherwise.
    """

    provider: str
    type: str | None
    reason: str = ""


def sort_of(provider: str, name: str) -> Sort:
    """What people call a provider's type, or why it is left alone.

    Args:
        provider: as the tool names it ("google", "azurerm").
        name: the type without the provider, words joined by underscores ("sqs_queue").

    >>> sort_of("aws", "sqs_queue").type, sort_of("azurerm", "postgresql_flexible_server").type
    ('queue', 'database')
    >>> sort_of("aws", "mediaconvert_queue_thing").type, sort_of("aws", "iam_role_policy_attachment").type
    ('mediaconvert-queue-thing', None)
    >>> sort_of("mongodbatlas", "cluster").type, sort_of("random", "password").reason
    ('database', 'random resource, a provider that runs nothing')
    """
    spoken = PROVIDERS.get(provider.lower())
    if spoken is None:
        return Sort(provider, None, f"{provider} resource, a provider that runs nothing")
    name = re.sub(r"_?v\d+$", "", name.lower())
    known = TYPES.get((spoken, name)) or (
        TYPES.get(("", f"{provider}_{name}")) or TYPES.get(("", name))
        if spoken not in {"aws", "gcp", "azure"}
        else None
    )
    if known is not None:
        return Sort(spoken, known)
    if is_glue(name):
        return Sort(spoken, None, "infrastructure that only connects, configures or permits")
    if spoken in CLOUDS:
        return Sort(spoken, name.replace("_", "-"))
    return Sort(spoken, None, f"{spoken} resource of a type that is not in the table")


def is_glue(name: str) -> bool:
    """Whether a type only connects, configures or permits other things.

    >>> is_glue("security_group_rule"), is_glue("s3_bucket_versioning"), is_glue("glue_catalog_database")
    (True, True, False)
    """
    words = name.split("_")
    if "iam" in words or "security" in words:
        return True
    return words[-1] in _GLUE or "_".join(words[-2:]) in _GLUE


def snake(name: str) -> str:
    """Words joined by underscores.

    >>> snake("DBInstance"), snake("replicationGroup"), snake("FlexibleServer"), snake("BucketV2")
    ('db_instance', 'replication_group', 'flexible_server', 'bucket_v2')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def joined(service: str, kind: str) -> str:
    """One type for a service and a kind, the way Terraform names them.

    >>> joined("sqs", "Queue"), joined("redis", "RedisCache"), joined("", "Droplet")
    ('sqs_queue', 'redis_cache', 'droplet')
    """
    head, tail = snake(service), snake(kind)
    if not head or tail == head or tail.startswith(f"{head}_"):
        return tail
    return f"{head}_{tail}"


def engine_of(text: str | None) -> str | None:
    """The engine without its version.

    >>> engine_of("POSTGRES_14"), engine_of("aurora-postgresql"), engine_of("redis")
    ('postgres', 'aurora-postgresql', 'redis')
    """
    match = _ENGINES.match((text or "").lower())
    return match[0].strip("-") or None if match else None


WORDS = (
    (
        "database",
        re.compile(r"postgres|mysql|mariadb|mongo|sql|database|(?:^|_)r?db(?:_|$)|dynamo"),
    ),
    ("cache", re.compile(r"redis|cache|memcache|valkey")),
    ("bucket", re.compile(r"bucket|object_?stor")),
    ("topic", re.compile(r"topic")),
    ("queue", re.compile(r"queue|rabbit|sqs")),
    ("kafka-cluster", re.compile(r"kafka")),
    ("search-cluster", re.compile(r"elasticsearch|opensearch")),
    ("cluster", re.compile(r"cluster")),
    ("dns-zone", re.compile(r"zone")),
    ("network", re.compile(r"network|vpc")),
)
"""For types a platform team made itself: what a word in the name says."""


def own_type(kind: str) -> str:
    """What people call a resource of a kind that a platform team invented.

    >>> own_type("XPostgreSQLInstance"), own_type("CompositeBucket"), own_type("TenantSpace")
    ('database', 'bucket', 'tenant-space')
    """
    bare = re.sub(r"^(?:X(?=[A-Z])|Composite(?=[A-Z]))", "", kind)
    name = snake(bare)
    plain = name.replace("_sql", "sql")
    found = next((sort for sort, pattern in WORDS if pattern.search(plain)), None)
    return found or name.replace("_", "-")
