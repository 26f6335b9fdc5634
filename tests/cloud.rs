//! A cluster and its cloud account, joined by credentials alone: from a pod to a role and back into the cluster.

use foursee::core::audit::{Documents, Input};
use foursee::core::judge::Policy;
use foursee::core::report::Report;
use foursee_tests::report;

const ACCOUNT: &str = "111122223333";
const CLUSTER: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";
const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/A";

/// A role with a trust, and no right of its own.
fn account(path: &str, name: &str, trust: &str) -> String {
    format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{{"Path":"{path}","RoleName":"{name}","RoleId":"AROAEXAMPLE",
        "Arn":"arn:aws:iam::{ACCOUNT}:role{path}{name}","CreateDate":"2026-01-01T00:00:00Z","InstanceProfileList":[],"RolePolicyList":[],
        "AttachedManagedPolicies":[],"Tags":[],"AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{trust}]}}}}]}}"#
    )
}

fn by_pod_identity(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"Service":"pods.eks.amazonaws.com"}},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{{{condition}}}}}"#
    )
}

fn by_token(account: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}},"Action":"sts:AssumeRoleWithWebIdentity",
        "Condition":{{"StringEquals":{{"{ISSUER}:sub":"system:serviceaccount:shop:{account}","{ISSUER}:aud":"sts.amazonaws.com"}}}}}}"#
    )
}

/// What EKS says of the cluster.
fn described(mode: &str) -> String {
    format!(
        r#"{{"cluster":{{"name":"prod","arn":"{CLUSTER}","version":"1.33","identity":{{"oidc":{{"issuer":"https://{ISSUER}"}}}},
        "accessConfig":{{"authenticationMode":"{mode}"}}}}}}"#
    )
}

/// A Deployment that the internet reaches, of account web, which is annotated with another role than there is.
const WEB: &str = r#"{"apiVersion":"v1","kind":"List","items":[
    {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-system","uid":"u-1"}},
    {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"web","namespace":"shop","uid":"u-2",
        "annotations":{"eks.amazonaws.com/role-arn":"arn:aws:iam::111122223333:role/another"}}},
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop","uid":"u-3"},
        "spec":{"type":"LoadBalancer","selector":{"app":"web"}}},
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"u-4"},
        "spec":{"template":{"metadata":{"labels":{"app":"web"}},"spec":{"serviceAccountName":"web","automountServiceAccountToken":false,
            "containers":[{"name":"web","image":"web"}]}}}}]}"#;

fn association(fields: &str) -> String {
    format!(
        r#"{{"association":{{"clusterName":"prod","namespace":"shop","serviceAccount":"web","associationId":"a-1",
        "associationArn":"arn:aws:eks:eu-west-1:{ACCOUNT}:podidentityassociation/prod/a-1","roleArn":"arn:aws:iam::{ACCOUNT}:role/web"{fields}}}}}"#
    )
}

fn entry(policy: &str) -> [String; 3] {
    let principal = format!("arn:aws:iam::{ACCOUNT}:role/web");
    [
        format!(r#"{{"accessEntries":["{principal}"]}}"#),
        format!(
            r#"{{"accessEntry":{{"clusterName":"prod","principalArn":"{principal}","type":"STANDARD","kubernetesGroups":[]}}}}"#
        ),
        format!(
            r#"{{"clusterName":"prod","principalArn":"{principal}","associatedAccessPolicies":[
            {{"policyArn":"arn:aws:eks::aws:cluster-access-policy/{policy}","accessScope":{{"type":"cluster","namespaces":[]}}}}]}}"#
        ),
    ]
}

fn audited(of_aws: &str, of_cluster: &[String]) -> Report {
    let mut documents = Documents::new();
    documents.push_text("aws/gaad.json", of_aws);
    documents.push_text("prod/objects.json", WEB);
    for (at, text) in of_cluster.iter().enumerate() {
        documents.push_text(format!("prod/{at}.json"), text.as_str());
    }
    let inputs: Vec<Input> = documents.inputs().to_vec();
    report(&inputs, &Policy::default())
}

/// The ways from the pod to the cluster: what each comes through, and how its hops are confirmed.
fn ways(report: &Report) -> Vec<String> {
    report
        .paths
        .iter()
        .filter(|path| path.prize.contains("cluster admin"))
        .flat_map(|path| {
            path.hops
                .iter()
                .map(|hop| format!("{} {}: {}", hop.to.kind, hop.to.name, hop.confirmed))
        })
        .collect()
}

fn comes_by(report: &Report, word: &str) -> bool {
    let ways = ways(report);
    assert!(!ways.iter().any(|hop| hop.contains(": no")), "{ways:#?}");
    ways.iter().any(|hop| hop.contains(word))
}

#[test]
fn a_pod_gets_its_role_by_pod_identity_and_the_role_the_cluster_by_its_entry() {
    let of_cluster = |policy: &str| {
        let mut all = vec![described("API"), association("")];
        all.extend(entry(policy));
        all
    };
    let tags = |namespace: &str| {
        by_pod_identity(&format!(
            r#""StringEquals":{{"aws:RequestTag/eks-cluster-arn":"{CLUSTER}","aws:RequestTag/kubernetes-namespace":"{namespace}"}}"#
        ))
    };
    let admin = of_cluster("AmazonEKSClusterAdminPolicy");
    for trust in [by_pod_identity(""), tags("shop")] {
        let report = audited(&account("/", "web", &trust), &admin);
        assert!(
            comes_by(&report, "accessentry arn:aws:iam::111122223333:role/web"),
            "{:#?}",
            report.gaps
        );
    }
    // Another namespace's pods, a trust of instances, a narrower policy: no way.
    let ec2 = by_pod_identity("").replace("pods.eks", "ec2");
    for trust in [tags("ops"), ec2] {
        assert!(ways(&audited(&account("/", "web", &trust), &admin)).is_empty());
    }
    let view = of_cluster("AmazonEKSViewPolicy");
    assert!(ways(&audited(&account("/", "web", &by_pod_identity("")), &view)).is_empty());
    // Without tags, a condition on them refuses.
    let mut untagged = admin.clone();
    if let Some(one) = untagged.get_mut(1) {
        *one = association(r#","disableSessionTags":true"#);
    }
    assert!(comes_by(
        &audited(&account("/", "web", &by_pod_identity("")), &untagged),
        "accessentry"
    ));
    assert!(ways(&audited(&account("/", "web", &tags("shop")), &untagged)).is_empty());
}

#[test]
fn a_token_works_at_every_role_that_trusts_it_and_not_at_the_annotated_one_alone() {
    let mut all = vec![described("API")];
    all.extend(entry("AmazonEKSClusterAdminPolicy"));
    assert!(comes_by(
        &audited(&account("/", "web", &by_token("web")), &all),
        "accessentry"
    ));
    assert!(ways(&audited(&account("/", "web", &by_token("api")), &all)).is_empty());
}

#[test]
fn aws_auth_compares_a_session_without_its_path_and_case() {
    let map = |arn: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"aws-auth","namespace":"kube-system","uid":"u-9"}},
            "data":{{"mapRoles":"- rolearn: {arn}\n  username: admin\n  groups: [system:masters]\n"}}}}"#
        )
    };
    let role = account("/team/", "Web", &by_token("web"));
    let by = |arn: &str, mode: &str| audited(&role, &[described(mode), map(arn)]);
    let bare = "arn:aws:iam::111122223333:role/web";
    assert!(comes_by(&by(bare, "CONFIG_MAP"), "user admin"));
    assert!(ways(&by("arn:aws:iam::111122223333:role/team/Web", "CONFIG_MAP")).is_empty());
    assert!(ways(&by(bare, "API")).is_empty());
}

#[test]
fn an_instances_role_is_a_hop_further_for_a_pod_with_its_own_network() {
    let profile = format!("arn:aws:iam::{ACCOUNT}:instance-profile/nodes");
    let of_aws = account("/", "web", &by_pod_identity("").replace("pods.eks", "ec2")).replace(
        r#""InstanceProfileList":[]"#,
        &format!(r#""InstanceProfileList":[{{"Arn":"{profile}"}}]"#),
    );
    let instance = |hops: u32| {
        format!(
            r#"{{"Reservations":[{{"OwnerId":"{ACCOUNT}","Instances":[{{"InstanceId":"i-0abc","IamInstanceProfile":{{"Arn":"{profile}"}},
            "MetadataOptions":{{"HttpTokens":"required","HttpPutResponseHopLimit":{hops},"HttpEndpoint":"enabled"}}}}]}}]}}"#
        )
    };
    let running = |network: bool| {
        format!(
            r#"{{"apiVersion":"v1","kind":"List","items":[
            {{"apiVersion":"v1","kind":"Node","metadata":{{"name":"n1","uid":"u-5"}},"spec":{{"providerID":"aws:///eu-west-1a/i-0abc"}}}},
            {{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"agent","namespace":"shop","uid":"u-6","labels":{{"app":"web"}}}},
                "spec":{{"nodeName":"n1","serviceAccountName":"web","hostNetwork":{network},"containers":[{{"name":"a","image":"a"}}]}}}}]}}"#
        )
    };
    let by = |hops: u32, network: bool| {
        let mut all = vec![described("API"), running(network), instance(hops)];
        all.extend(entry("AmazonEKSClusterAdminPolicy"));
        ways(&audited(&of_aws, &all))
    };
    assert!(!by(1, true).is_empty());
    assert!(!by(2, false).is_empty());
    assert!(by(1, false).is_empty());
    // A policy that keeps the pod away stands in the condition, and the way stays: nothing says that it is enforced.
    let metadata = |spec: &str| -> Vec<String> {
        let policies = format!(
            r#"{{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicyList","items":[{{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
            "metadata":{{"name":"web","namespace":"shop","uid":"u-7"}},"spec":{spec}}}]}}"#
        );
        let mut all = vec![described("API"), running(false), instance(2), policies];
        all.extend(entry("AmazonEKSClusterAdminPolicy"));
        let report = audited(&of_aws, &all);
        let hops = report.paths.iter().flat_map(|path| &path.hops);
        hops.filter(|hop| hop.to.name.contains("i-0abc") && hop.from.kind == "pod")
            .map(|hop| format!("{} {}: {}", hop.certainty.as_str(), hop.confirmed, hop.condition))
            .collect()
    };
    for (spec, named) in [
        (r#"{"podSelector":{},"policyTypes":["Egress"]}"#, true),
        (
            r#"{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Egress"],"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["169.254.169.254/32"]}}]}]}"#,
            true,
        ),
        (
            r#"{"podSelector":{},"policyTypes":["Egress"],"egress":[{"ports":[{"protocol":"UDP","port":53}]}]}"#,
            true,
        ),
        (
            r#"{"podSelector":{},"policyTypes":["Egress"],"egress":[{}]}"#,
            false,
        ),
        (
            r#"{"podSelector":{"matchLabels":{"app":"api"}},"policyTypes":["Egress"]}"#,
            false,
        ),
        (r#"{"podSelector":{}}"#, false),
    ] {
        let hops = metadata(spec);
        assert!(!hops.is_empty(), "{spec}");
        for hop in hops {
            assert!(
                hop.starts_with("conditional ") && hop.contains("no rule of the node"),
                "{spec}: {hop}"
            );
            assert_eq!(hop.contains("NetworkPolicy shop/web"), named, "{spec}: {hop}");
        }
    }
}

#[test]
fn a_way_in_that_a_policy_shuts_begins_under_a_condition() {
    let of_aws = account("/", "web", &by_pod_identity(""));
    let entries = |policies: &str| -> Vec<(String, String)> {
        let list = format!(
            r#"{{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicyList","items":[{policies}]}}"#
        );
        let mut all = vec![described("API"), association(""), list];
        all.extend(entry("AmazonEKSClusterAdminPolicy"));
        let report = audited(&of_aws, &all);
        let ways = report
            .paths
            .iter()
            .filter(|path| path.entry.contains("service shop/web"));
        ways.map(|path| (path.certainty.as_str().to_owned(), path.entry.clone()))
            .collect()
    };
    let open = entries("");
    let certain = (
        "certain".to_owned(),
        "internet-facing service shop/web".to_owned(),
    );
    assert!(open.contains(&certain), "{open:#?}");
    let shut = entries(
        r#"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"deny","namespace":"shop","uid":"u-7"},"spec":{"podSelector":{}}}"#,
    );
    assert_eq!(shut.len(), open.len());
    for (certainty, entry) in &shut {
        assert_ne!(certainty, "certain");
        assert_eq!(
            entry,
            "internet-facing service shop/web, if NetworkPolicy shop/deny, which lets no such traffic in, is not enforced there"
        );
    }
}
