//! What ties a cluster to AWS beside access entries: aws-auth, and the roles that its workloads are given.

use super::eks::{ACCOUNT, cluster, gaps, role};
use super::lowering::{has, lacks, members_hold};
use super::read;
use crate::Kubernetes;
use foursee_core::audit::{Mapped, Opened};
use foursee_core::conformance::{check, opened};
use serde_json::{Value, json};

fn world(texts: &[String]) -> (Opened, Mapped) {
    let named: Vec<(String, &str)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("{at}"), text.as_str()))
        .collect();
    let borrowed: Vec<(&str, &str)> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let wrong = check(&Kubernetes, &borrowed).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (opened, mapped) = opened(Kubernetes, &borrowed).unwrap();
    members_hold(&opened, &mapped);
    (opened, mapped)
}

fn config_map(roles: &str, users: &str, accounts: &str) -> String {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "aws-auth", "namespace": "kube-system", "uid": "u"},
        "data": {"mapRoles": roles, "mapUsers": users, "mapAccounts": accounts}})
    .to_string()
}

/// (subject, of whom, under which condition)
fn accepted(texts: &[String]) -> Vec<String> {
    let (_, mapped) = world(texts);
    let estate = &mapped.estate;
    estate
        .accepted
        .iter()
        .map(|one| {
            let condition = estate.condition(one.condition);
            format!(
                "{} {} -> {} {condition}",
                one.kind,
                one.subject,
                estate.show(one.by)
            )
            .trim_end()
            .to_owned()
        })
        .collect()
}

fn edges(texts: &[String]) -> Vec<String> {
    let (_, mapped) = world(texts);
    let estate = &mapped.estate;
    estate
        .edges
        .iter()
        .map(|edge| {
            let condition = estate.condition(edge.condition);
            let id = &estate.technique(edge.technique).unwrap().id;
            format!(
                "{} -{id}-> {} {condition}",
                estate.show(edge.from),
                estate.show(edge.to)
            )
            .trim_end()
            .to_owned()
        })
        .collect()
}

#[test]
fn an_item_is_read_as_the_authenticator_reads_it() {
    let roles = "
- RoleARN: arn:aws:iam::111122223333:role/Admin
  USERNAME: admin
  Groups: [system:masters]
- rolearn: arn:aws:iam::111122223333:role/ADMIN
  username: last
- userarn: arn:aws:iam::111122223333:role/wrong-key
- rolearn: arn:aws:iam::111122223333:role/half
  username: 7
  groups: text
- rolearn: arn:aws:iam::111122223333:role/team/dead
- sso: {permissionSetName: Ops, accountID: '111122223333'}
  username: ops
- sso: {permissionSetName: Ops, accountID: '1'}
- rolearn: arn:aws:iam::111122223333:role/both
  sso: {permissionSetName: Ops, accountID: '111122223333'}
- 7
";
    let users = "
- userarn: arn:aws:iam::111122223333:user/ann
  username: ann
- userarn: arn:aws:iam::111122223333:role/admin
  username: never
";
    let texts = [config_map(roles, users, "")];
    let facts = read(&[&texts[0]]).0;
    let lines: Vec<String> = facts
        .aws_auth
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                one.arn.rsplit('/').next().unwrap(),
                one.username,
                one.groups.len()
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "ADMIN last 0",
            "half  0",
            "dead  0",
            "AWSReservedSSO_Ops_* ops 0",
            "ann ann 0"
        ]
    );
    let all = accepted(&texts);
    has(
        &all,
        "aws-session arn:aws:iam::111122223333:role/admin -> user last",
    );
    has(&all, "aws-session arn:aws:iam::111122223333:user/ann -> user ann");
    has(
        &all,
        "aws-session arn:aws:iam::111122223333:role/awsreservedsso_ops_* -> user ops the cluster's authenticator matches patterns of role ARNs",
    );
    lacks(&all, "dead");
    let said = gaps(&texts).join("\n");
    for part in [
        "without rolearn",
        "no text",
        "no list",
        "valid permissionSetName",
        "both rolearn and sso",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    // A section that is no list gives nothing, and leaves the other alone.
    for broken in ["{", "a: b", "- rolearn: [", "text"] {
        let facts = read(&[&config_map(broken, users, "")]).0;
        assert_eq!(facts.aws_auth.len(), 2, "{broken}");
        assert!(
            gaps(&[config_map(broken, users, "")])
                .join("\n")
                .contains("the whole section"),
            "{broken}"
        );
    }
    for nothing in ["", "\"\"", "``", " \n"] {
        assert!(
            !gaps(&[config_map(nothing, users, "")])
                .join("\n")
                .contains("mapRoles"),
            "{nothing:?}"
        );
    }
}

#[test]
fn the_mode_and_an_access_entry_come_first() {
    let line = config_map(
        "- {rolearn: 'arn:aws:iam::111122223333:role/dev', username: dev}\n",
        "",
        "",
    );
    assert_eq!(accepted(&[line.clone(), cluster("CONFIG_MAP")]).len(), 1);
    assert_eq!(accepted(&[line.clone(), cluster("API_AND_CONFIG_MAP")]).len(), 1);
    assert!(accepted(&[line.clone(), cluster("API")]).is_empty());
    let entry =
        json!({"accessEntry": {"clusterName": "prod", "principalArn": role("team/dev"), "type": "STANDARD"}});
    let all = accepted(&[line, cluster("API_AND_CONFIG_MAP"), entry.to_string()]);
    assert_eq!(
        all,
        [format!("aws-principal {0} -> accessentry {0}", role("team/dev"))]
    );
}

#[test]
fn a_template_is_whoever_a_session_can_be_called() {
    let roles = "
- rolearn: arn:aws:iam::111122223333:role/dev
  username: dev:{{SessionName}}
  groups: [devs, 'team:{{SessionName}}']
";
    let bound = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: [{verbs: [get], apiGroups: [''], resources: [secrets]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: r}\nsubjects: [{kind: User, name: 'dev:ann'}, {kind: User, name: 'dev:ann:x'}, {kind: Group, name: 'team:ops'}, {kind: Group, name: 'system:masters'}]\n";
    let all = edges(&[config_map(roles, "", ""), bound.to_owned()]);
    let session = "the AWS session is called so that the name comes out";
    has(&all, "user dev:{{SessionName}} -core-member-> group devs");
    assert!(
        all.iter().any(
            |edge| edge.starts_with("user dev:{{SessionName}} -core-member-> any user")
                && edge.ends_with(session)
        ),
        "{all:#?}"
    );
    assert!(
        all.iter().any(
            |edge| edge.starts_with("user dev:{{SessionName}} -core-member-> any group")
                && edge.ends_with(session)
        ),
        "{all:#?}"
    );
    lacks(
        &all,
        "user dev:{{SessionName}} -core-member-> group system:masters",
    );
}

#[test]
fn lines_that_share_a_name_keep_their_groups_apart() {
    let roles = "
- {rolearn: 'arn:aws:iam::111122223333:role/a', username: dev, groups: [view]}
- {rolearn: 'arn:aws:iam::111122223333:role/b', username: dev, groups: ['system:masters']}
- {rolearn: 'arn:aws:iam::111122223333:role/c', username: ops, groups: [ops]}
";
    let all = edges(&[config_map(roles, "", "")]);
    has(
        &all,
        "user dev -core-member-> group system:masters it comes in as arn:aws:iam::111122223333:role/b",
    );
    has(&all, "user ops -core-member-> group ops");
}

#[test]
fn every_principal_of_a_mapped_account_is_a_user_of_its_own_name() {
    let bound = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: [{verbs: [get], apiGroups: [''], resources: [secrets]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: r}\nsubjects: [{kind: User, name: 'arn:aws:iam::111122223333:role/ci'}, {kind: User, name: 'arn:aws:iam::444455556666:role/ci'}, {kind: Group, name: 'system:authenticated'}]\n";
    let map = config_map("", "", "- \"111122223333\"\n");
    let all = accepted(&[map.clone(), bound.to_owned()]);
    has(
        &all,
        "aws-principal arn:aws:iam::111122223333:role/ci -> user arn:aws:iam::111122223333:role/ci",
    );
    has(
        &all,
        "aws-principal arn:aws:iam::111122223333:role/*/ci -> user arn:aws:iam::111122223333:role/ci",
    );
    has(
        &all,
        "aws-principal arn:*:iam::111122223333:* -> group system:authenticated",
    );
    lacks(&all, "444455556666");
    assert!(gaps(&[map]).join("\n").contains("mapAccounts: 111122223333"));
}

pub(super) const WEB: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: {serviceAccountName: web, containers: [{name: a}]}}}\n";

pub(super) fn association(fields: &Value) -> String {
    let mut one = json!({"clusterName": "prod", "namespace": "shop", "serviceAccount": "web",
        "associationArn": format!("arn:aws:eks:eu-west-1:{ACCOUNT}:podidentityassociation/prod/a-1"), "associationId": "a-1"});
    one.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    json!({"association": one}).to_string()
}

fn presented(texts: &[String]) -> Vec<String> {
    let (_, mapped) = world(texts);
    let estate = &mapped.estate;
    estate
        .presented
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {} {:?} {}",
                estate.show(one.by),
                one.at.as_str(),
                one.kind,
                one.subject,
                one.audience,
                one.meant_for.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn an_association_gives_new_pods_its_role_with_their_tags() {
    let described = association(&json!({"roleArn": role("web")}));
    let subject = format!("arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod namespace/shop serviceaccount/web");
    let tagged = format!("eks-pod-identity {subject} Named([\"tagged\"]) {}", role("web"));
    let all = presented(&[described.clone(), WEB.to_owned()]);
    has(&all, &format!("pod shop/web runs {tagged}"));
    has(&all, &format!("serviceaccount shop/web spawns {tagged}"));
    let bare = association(&json!({"roleArn": role("web"), "disableSessionTags": true}));
    assert!(
        presented(&[bare, WEB.to_owned()])
            .iter()
            .any(|one| one.contains("untagged"))
    );
    // A pod that runs without the agent's token was made before the association.
    let live = WEB.replace(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: {serviceAccountName: web, containers: [{name: a}]}}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, uid: u}\nspec: {serviceAccountName: web, containers: [{name: a}]}\n",
    );
    let old = presented(&[described.clone(), live.clone()]);
    lacks(&old, "pod shop/web");
    has(&old, &format!("serviceaccount shop/web spawns {tagged}"));
    let fresh = live.replace(
        "containers:",
        "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {audience: pods.eks.amazonaws.com}}]}}], containers:",
    );
    has(
        &presented(&[described, fresh]),
        &format!("pod shop/web runs {tagged}"),
    );
}

#[test]
fn a_listing_lacks_the_role_and_another_account_has_none() {
    let listed = json!({"associations": [{"clusterName": "prod", "namespace": "shop", "serviceAccount": "web",
        "associationArn": "arn:aws:eks:eu-west-1:111122223333:podidentityassociation/prod/a-1", "associationId": "a-1"}]})
    .to_string();
    lacks(&presented(&[listed.clone(), WEB.to_owned()]), "eks-pod-identity");
    let said = gaps(&[listed.clone(), WEB.to_owned()]).join("\n");
    assert!(
        said.contains("podidentityassociation/prod/a-1 its role"),
        "{said}"
    );
    // The description beside the listing closes it.
    let both = [listed, association(&json!({"roleArn": role("web")}))];
    assert!(!gaps(&both).join("\n").contains("its role"));
    let other = association(&json!({"roleArn": role("web"), "serviceAccount": "api"}));
    lacks(
        &presented(&[other, WEB.to_owned()]),
        "pod shop/web runs eks-pod-identity",
    );
}

#[test]
fn a_target_role_is_all_that_the_agent_hands_out() {
    let target =
        association(&json!({"roleArn": role("web"), "targetRoleArn": "arn:aws:iam::444455556666:role/data"}));
    let (_, mapped) = world(&[target, WEB.to_owned()]);
    let estate = &mapped.estate;
    let one = estate
        .presented
        .iter()
        .find(|one| &*one.kind == "eks-pod-identity")
        .unwrap();
    assert!(
        estate
            .condition(one.condition)
            .contains("arn:aws:iam::444455556666:role/data alone")
    );
}

/// An annotated account, and a Deployment of it whose pods have annotations or labels.
fn annotated(annotations: &str, of_pods: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop, annotations: {{{annotations}}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{metadata: {{{of_pods}}}, spec: {{serviceAccountName: web, automountServiceAccountToken: false, containers: [{{name: a}}, {{name: b}}]}}}}}}\n"
    )
}

fn issuer(url: &str) -> String {
    json!({"issuer": url, "jwks_uri": format!("{url}/keys")}).to_string()
}

#[test]
fn the_webhooks_token_is_presented_whatever_automount_says() {
    let issuer = issuer("https://oidc.example/id/A");
    let of = |annotations: &str, of_pods: &str| presented(&[annotated(annotations, of_pods), issuer.clone()]);
    let role = "eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/web'";
    let token = "pod shop/web runs web-identity system:serviceaccount:shop:web";
    has(
        &of(role, ""),
        &format!("{token} Named([\"sts.amazonaws.com\"]) arn:aws:iam::111122223333:role/web"),
    );
    let other = format!("{role}, eks.amazonaws.com/audience: vault");
    has(
        &of(&other, ""),
        &format!("{token} Named([\"vault\"]) arn:aws:iam::111122223333:role/web"),
    );
    // Containers that are skipped have no token; where all are, no pod of it has one.
    let skip = |names: &str| {
        of(
            role,
            &format!("annotations: {{eks.amazonaws.com/skip-containers: '{names}'}}"),
        )
    };
    assert!(skip("a").iter().any(|one| one.starts_with(token)));
    assert!(!skip("a, b").iter().any(|one| one.starts_with(token)));
    assert!(!of("", "").iter().any(|one| one.starts_with(token)));
    assert!(
        !of("eks.amazonaws.com/role-arn: ''", "")
            .iter()
            .any(|one| one.starts_with(token))
    );
}

#[test]
fn azure_asks_the_pods_label_and_google_nobody() {
    let client = "azure.workload.identity/client-id: 11111111-2222-3333-4444-555555555555";
    let azure = issuer("https://oidc.prod-aks.azure.com/t");
    let of = |labels: &str| presented(&[annotated(client, labels), azure.clone()]);
    has(
        &of("labels: {azure.workload.identity/use: 'true'}"),
        "pod shop/web runs web-identity system:serviceaccount:shop:web Named([\"api://AzureADTokenExchange\"]) Azure application 11111111-2222-3333-4444-555555555555",
    );
    lacks(
        &of("labels: {azure.workload.identity/use: 'True'}"),
        "AzureADTokenExchange",
    );
    lacks(&of(""), "AzureADTokenExchange");

    let google =
        issuer("https://container.googleapis.com/v1/projects/shop-prod/locations/europe-west1/clusters/one");
    let bound = "iam.gke.io/gcp-service-account: web@shop-prod.iam.gserviceaccount.com";
    let texts = [annotated(bound, ""), google.clone()];
    has(
        &presented(&texts),
        "pod shop/web runs gke-workload-identity ns/shop/sa/web None Google service account web@shop-prod.iam.gserviceaccount.com",
    );
    // Without an annotation it is the same identity, and another cluster of the project has it too.
    has(
        &presented(&[annotated("", ""), google.clone()]),
        "pod shop/web runs gke-workload-identity ns/shop/sa/web None ",
    );
    let (_, mapped) = world(&texts);
    let realms: Vec<&str> = mapped
        .estate
        .presented
        .iter()
        .filter(|one| &*one.kind == "gke-workload-identity")
        .map(|one| &*one.realm)
        .collect();
    assert!(realms.iter().all(|realm| *realm == "shop-prod.svc.id.goog") && !realms.is_empty());
    // On its node's network a pod is its node.
    let host = annotated(bound, "").replace("automountServiceAccountToken: false", "hostNetwork: true");
    lacks(
        &presented(&[host, google]),
        "pod shop/web runs gke-workload-identity",
    );
    assert!(
        gaps(&[annotated(bound, "")])
            .join("\n")
            .contains("workload identity pool")
    );
    lacks(
        &presented(&[annotated(bound, ""), azure]),
        "gke-workload-identity",
    );
}

#[test]
fn the_metadata_service_is_asked_from_a_node_or_a_pods_own_network() {
    let world_of = |provider: &str, network: bool| {
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: n1}}\nspec: {{providerID: '{provider}'}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec: {{nodeName: n1, hostNetwork: {network}, containers: [{{name: a}}]}}\n"
        )
    };
    let of = |provider: &str, network: bool| presented(&[world_of(provider, network)]);
    let instance = "aws:///eu-west-1a/i-0abc";
    let open = of(instance, true);
    has(
        &open,
        "pod shop/web runs instance-metadata i-0abc Named([\"host\"]) ",
    );
    has(&open, "node n1 runs instance-metadata i-0abc Named([\"host\"]) ");
    has(
        &of(instance, false),
        "pod shop/web runs instance-metadata i-0abc Named([\"container\"]) ",
    );
    let (_, mapped) = world(&[world_of(instance, false)]);
    let one = mapped
        .estate
        .presented
        .iter()
        .find(|one| mapped.estate.show(one.by) == "pod shop/web")
        .unwrap();
    assert!(mapped.estate.condition(one.condition).contains("169.254.169.254"));
    for other in [
        "",
        "gce://shop/zone/node",
        "aws:///eu-west-1a/fargate-ip-10-0-0-1",
        "kind://docker/i-0abc",
    ] {
        lacks(&of(other, true), "instance-metadata");
    }
}
