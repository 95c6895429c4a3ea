"""The long forms of LG401 to LG406."""

from __future__ import annotations

__all__ = ["IMAGE", "QUOTA", "REMOVED", "SERVICE_ACCOUNT", "TEMPLATE", "UNSCHEDULABLE"]

_GO_ON = """
Then `%livy_recover` and the cell again. No kernel restart is needed.
"""

_LIVYS_CLOCK = """
Livy waits for the driver for `livy.rsc.server.connect.timeout`, 90 seconds unless set, and SparkMagic for 60; a pod
that starts later is deleted with its session.
"""

UNSCHEDULABLE = f"""
## What it means

Kubernetes has accepted the driver's pod, or an executor's, and its scheduler finds no node for it. It says so for each
node, in one sentence: `0/3 nodes are available: 2 Insufficient memory, 1 node(s) had untolerated taint {{…}}`.
{_LIVYS_CLOCK}
## Why

- `Insufficient memory`, `Insufficient cpu`: what the running pods ask for leaves too little. It counts what they ask
  for, not what they use. Where a pod is larger than a whole node, no waiting helps. Spark asks for the memory that you
  name and a tenth of it on top, at least 384 MiB, and for executors PySpark memory if set.
- `untolerated taint`: those nodes are kept for others.
- `node affinity/selector`: those nodes lack the label that the pod template, or `spark.kubernetes.node.selector.*`,
  asks for.
- `Too many pods`: a node runs as many as it may; on EKS that follows from its network addresses.
- What stands behind `preemption:` says only that nobody's pod would be pushed out for this one.

An autoscaler adds nodes where it may. `pod triggered scale-up` says that one is on its way: waiting is what helps.
`pod didn't trigger scale-up` says that it may not, or that none would fit.

## What to do

- Free sessions that lie idle, or ask for less: `driverMemory`, `executorMemory`, `executorCores`, `numExecutors`.
- `spark.kubernetes.driver.request.cores` and `spark.kubernetes.executor.request.cores` ask Kubernetes for less than a
  whole core.
- For the operator: tolerations and labels in the pod template; a limit in the policy that is no larger than a node.
{_GO_ON}"""

IMAGE = f"""
## What it means

A node has taken the pod and cannot get its container image. Kubernetes tries again, more and more seldom, and says
`ErrImagePull` and `ImagePullBackOff` in turn.
{_LIVYS_CLOCK}
## Why

- The name or the tag does not exist: `manifest unknown`, `not found`.
- The registry does not let the node in: `401`, `403`, `no basic auth credentials`, `pull access denied`. On ECR the
  node's role needs `AmazonEC2ContainerRegistryReadOnly`, and the repository a policy if it is another account's.
  Elsewhere a secret is needed, named in `spark.kubernetes.container.image.pullSecrets`.
- The registry does not answer: `i/o timeout`, `no such host`. A node without a way to the internet needs an endpoint.
- `toomanyrequests`: the registry allows no more pulls for now.

## What to do

Look at `spark.kubernetes.container.image` in the session's settings, and pull the same name from another machine. Where
the settings are the operator's, tell them the line that is quoted.
{_GO_ON}"""

QUOTA = f"""
## What it means

The namespace has a ResourceQuota: the pods in it may ask for so much together, and one more pod would be above it.
Kubernetes refuses the pod. A driver that is refused ends the start at once; an executor is tried again for ever, and
the session runs with fewer.

## Why

- Other sessions hold the rest. Pods that are over, and failed drivers that nobody deleted, count for `count/pods`.
- One pod asks for more than the whole quota.
- `must specify limits.cpu`: the quota is on limits, and Spark sets a limit of memory alone.

## What to do

- `kubectl describe resourcequota` in the namespace shows what is used and allowed.
- Free idle sessions, or ask for less.
- For limits: `spark.kubernetes.driver.limit.cores` and `spark.kubernetes.executor.limit.cores`.
- For the operator: a `team_quota` in the policy that is no larger than the namespace's tells people before they start.
{_GO_ON}"""

SERVICE_ACCOUNT = f"""
## What it means

Spark's driver asks Kubernetes for its executors as a service account, and spark-submit asks for the driver as another.
One of them does not exist, or may not do what it does; or AWS does not let it take its role.

## Why

- `cannot create resource "pods"`: no Role with that verb is bound to the service account. Without
  `spark.kubernetes.authenticate.driver.serviceAccountName` it is `default`, which may nothing.
- `serviceaccount … not found`: it is in another namespace, or was never made.
- `Not authorized to perform sts:AssumeRoleWithWebIdentity`: the trust policy of the IAM role does not name this service
  account, its namespace and the cluster's OIDC provider.

## What to do

- Name the account that the operator made for Spark, in `conf`.
- For the operator: a Role with `create get list watch delete` on pods, services, configmaps and persistentvolumeclaims,
  and a RoleBinding. On EMR on EKS `aws emr-containers update-role-trust-policy` writes the trust policy.
{_GO_ON}"""

TEMPLATE = f"""
## What it means

Spark builds a pod from a template file (`spark.kubernetes.driver.podTemplateFile`,
`spark.kubernetes.executor.podTemplateFile`) and from the session's settings. Either the file cannot be read, or
Kubernetes refuses the pod that came out of it.

## Why

- The path is of another machine: the driver's template is read where spark-submit runs, beside Livy; on EMR on EKS it
  is in S3, and the job's role needs to read it.
- It is no YAML of a Pod, or has no `spec`.
- The pod contradicts itself: a request above its limit, a name that is none.

## What to do

- Leave the template out, in `conf`, to see whether it is at fault, if its pod needs nothing of it.
- `kubectl create --dry-run=server -f TEMPLATE` says what Kubernetes has against it, and creates nothing.
- A warning that a `specified container … not found on pod template` stops nothing: Spark takes the first container.
{_GO_ON}"""

REMOVED = f"""
## What it means

A program asks Kubernetes for an API that this version no longer has, or asks in a way that it no longer takes. The
program is older than the cluster: Spark's client, Livy's, or the operator's.

## Why

| API | gone since Kubernetes |
|---|---|
| `extensions/v1beta1` | 1.16, its ingresses 1.22 |
| `networking.k8s.io/v1beta1`, `rbac.authorization.k8s.io/v1beta1`, `apiextensions.k8s.io/v1beta1` | 1.22 |
| `policy/v1beta1`, `batch/v1beta1`, `autoscaling/v2beta1` | 1.25 |
| `autoscaling/v2beta2` | 1.26 |

`Expected HTTP 101 response but was '403 Forbidden'` is of Spark 2.4.4 and before: Kubernetes 1.13.10, 1.14.6, 1.15.3
and all after them refuse how its client opens a watch. Spark 2.4.5 and 3 are mended.

## What to do

No setting of a session helps. For the operator: a Spark image and a Livy whose client knows the cluster's version;
`kubectl version` and `kubectl api-versions` say what the cluster has. Livy 0.9 asks for ingresses by
`networking.k8s.io/v1`; builds before it that know Kubernetes are not Apache's.
{_GO_ON}"""
