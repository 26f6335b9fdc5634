// Command oracle answers questions about RBAC and Pod Security on standard input, one JSON object a line, with
// Kubernetes' own packages: the authorizers (Node, RBAC), the rule resolver, the escalation check, the bootstrap policy,
// the request parser, the Pod Security checks and the feature gates. One answer a line, in order, each with the question's id.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	certsv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-helpers/auth/rbac/validation"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacv1conv "k8s.io/kubernetes/pkg/apis/rbac/v1"
	"k8s.io/kubernetes/pkg/auth/nodeidentifier"
	_ "k8s.io/kubernetes/pkg/features" // every gate registers itself
	rbacregistry "k8s.io/kubernetes/pkg/registry/rbac"
	rules "k8s.io/kubernetes/pkg/registry/rbac/validation"
	nodeauthz "k8s.io/kubernetes/plugin/pkg/auth/authorizer/node"
	rbacauthz "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
	"k8s.io/utils/ptr"

	psaapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// world is one set of RBAC objects, indexed as the authorizer asks for it.
type world struct {
	roles    map[string]map[string]*rbacv1.Role
	crs      map[string]*rbacv1.ClusterRole
	rbs      map[string][]*rbacv1.RoleBinding
	crbs     []*rbacv1.ClusterRoleBinding
	resolver *rules.DefaultRuleResolver
	nodes    *nodeauthz.Graph
	authz    chain
	who      *rbacauthz.SubjectAccessEvaluator
}

type notFound struct{ what, name string }

func (e notFound) Error() string {
	return fmt.Sprintf("%s.rbac.authorization.k8s.io %q not found", e.what, e.name)
}

func (w *world) GetRole(_ context.Context, ns, name string) (*rbacv1.Role, error) {
	if r := w.roles[ns][name]; r != nil {
		return r, nil
	}
	return nil, notFound{"role", name}
}
func (w *world) GetClusterRole(_ context.Context, name string) (*rbacv1.ClusterRole, error) {
	if r := w.crs[name]; r != nil {
		return r, nil
	}
	return nil, notFound{"clusterrole", name}
}
func (w *world) ListRoleBindings(_ context.Context, ns string) ([]*rbacv1.RoleBinding, error) {
	return w.rbs[ns], nil
}
func (w *world) ListClusterRoleBindings(context.Context) ([]*rbacv1.ClusterRoleBinding, error) {
	return w.crbs, nil
}

// chain is what kube-apiserver runs with --authorization-mode=Node,RBAC: system:masters first, then each. Embedding
// keeps it an authorizer in every release: the interface and the union's constructor change between them.
type chain struct {
	*rbacauthz.RBACAuthorizer
	node *nodeauthz.NodeAuthorizer
}

func (c chain) Authorize(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	for _, g := range a.GetUser().GetGroups() {
		if g == user.SystemPrivilegedGroup {
			return authorizer.DecisionAllow, "", nil
		}
	}
	if d, why, err := c.node.Authorize(ctx, a); d == authorizer.DecisionAllow {
		return d, why, err
	}
	return c.RBACAuthorizer.Authorize(ctx, a)
}

func newWorld() *world {
	w := &world{
		roles: map[string]map[string]*rbacv1.Role{}, crs: map[string]*rbacv1.ClusterRole{},
		rbs: map[string][]*rbacv1.RoleBinding{},
	}
	w.resolver = rules.NewDefaultRuleResolver(w, w, w, w)
	w.nodes = nodeauthz.NewGraph()
	w.authz = chain{
		rbacauthz.New(w, w, w, w),
		nodeauthz.NewAuthorizer(w.nodes, nodeidentifier.NewDefaultNodeIdentifier(), bootstrappolicy.NodeRules()),
	}
	w.who = rbacauthz.NewSubjectAccessEvaluator(w, w, w, w, "")
	return w
}

func (w *world) addRole(o *rbacv1.Role) {
	m := w.roles[o.Namespace]
	if m == nil {
		m = map[string]*rbacv1.Role{}
		w.roles[o.Namespace] = m
	}
	m[o.Name] = o
}

func decode[T any](raw json.RawMessage) (*T, error) {
	o := new(T)
	return o, kjson.Unmarshal(raw, o)
}

func (w *world) add(raw json.RawMessage) error {
	var tm struct {
		Kind  string            `json:"kind"`
		Items []json.RawMessage `json:"items"`
	}
	if err := kjson.Unmarshal(raw, &tm); err != nil {
		return err
	}
	switch tm.Kind {
	case "Role":
		o, err := decode[rbacv1.Role](raw)
		if err != nil {
			return err
		}
		w.addRole(o)
	case "ClusterRole":
		o, err := decode[rbacv1.ClusterRole](raw)
		if err != nil {
			return err
		}
		w.crs[o.Name] = o
	case "RoleBinding":
		o, err := decode[rbacv1.RoleBinding](raw)
		if err != nil {
			return err
		}
		rbacv1conv.SetObjectDefaults_RoleBinding(o) // as the server does on write
		w.rbs[o.Namespace] = append(w.rbs[o.Namespace], o)
	case "ClusterRoleBinding":
		o, err := decode[rbacv1.ClusterRoleBinding](raw)
		if err != nil {
			return err
		}
		rbacv1conv.SetObjectDefaults_ClusterRoleBinding(o)
		w.crbs = append(w.crbs, o)
	case "Pod": // what follows: as the node authorizer's graph populator does
		o, err := decode[corev1.Pod](raw)
		if err != nil {
			return err
		}
		if o.Spec.NodeName != "" {
			w.nodes.AddPod(o)
		}
	case "PersistentVolume":
		o, err := decode[corev1.PersistentVolume](raw)
		if err != nil {
			return err
		}
		w.nodes.AddPV(o)
	case "VolumeAttachment":
		o, err := decode[storagev1.VolumeAttachment](raw)
		if err != nil {
			return err
		}
		w.nodes.AddVolumeAttachment(o.Name, o.Spec.NodeName)
	case "ResourceSlice":
		o, err := decode[resourcev1.ResourceSlice](raw)
		if err != nil {
			return err
		}
		w.nodes.AddResourceSlice(o.Name, ptr.Deref(o.Spec.NodeName, ""))
	case "PodCertificateRequest":
		o, err := decode[certsv1.PodCertificateRequest](raw)
		if err != nil {
			return err
		}
		w.nodes.AddPodCertificateRequest(o)
	case "List":
		for _, it := range tm.Items {
			if err := w.add(it); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("kind %q is of no use here", tm.Kind)
	}
	return nil
}

func (w *world) bootstrap() {
	for _, r := range append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...) {
		w.crs[r.Name] = r.DeepCopy()
	}
	for _, b := range append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...) {
		w.crbs = append(w.crbs, b.DeepCopy())
	}
	for _, rs := range bootstrappolicy.NamespaceRoles() {
		for i := range rs {
			w.addRole(rs[i].DeepCopy())
		}
	}
	for ns, bs := range bootstrappolicy.NamespaceRoleBindings() {
		for i := range bs {
			w.rbs[ns] = append(w.rbs[ns], bs[i].DeepCopy())
		}
	}
}

// same says whether two lists hold the same rules: their order goes round for ever where roles select each other.
func same(a, b []rbacv1.PolicyRule) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x rbacv1.PolicyRule) bool {
		return !slices.ContainsFunc(b, func(y rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(x, y) })
	})
}

// aggregate fills aggregated ClusterRoles as the controller of kube-controller-manager does, to a fixed point.
func (w *world) aggregate() (rounds int, err error) {
	names := make([]string, 0, len(w.crs))
	for n := range w.crs {
		names = append(names, n)
	}
	sort.Strings(names)
	for changed := true; changed; rounds++ {
		if rounds > len(names)+1 {
			return rounds, fmt.Errorf("no fixed point after %d rounds", rounds)
		}
		changed = false
		for _, n := range names {
			cr := w.crs[n]
			if cr.AggregationRule == nil {
				continue
			}
			got := []rbacv1.PolicyRule{}
			for i := range cr.AggregationRule.ClusterRoleSelectors {
				sel, err := metav1.LabelSelectorAsSelector(&cr.AggregationRule.ClusterRoleSelectors[i])
				if err != nil {
					return rounds, err
				}
				for _, m := range names {
					if m == n || !sel.Matches(labels.Set(w.crs[m].Labels)) {
						continue
					}
				next:
					for _, r := range w.crs[m].Rules {
						for _, h := range got {
							if equality.Semantic.DeepEqual(h, r) {
								continue next
							}
						}
						got = append(got, r)
					}
				}
			}
			if !same(got, cr.Rules) {
				c := cr.DeepCopy()
				c.Rules = got
				w.crs[n] = c
				changed = true
			}
		}
	}
	return rounds, nil
}

type attrs struct {
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Name        string `json:"name"`
	Namespace   string `json:"namespace"`
	Path        string `json:"path"`          // set for a non-resource request
	Selector    string `json:"fieldSelector"` // as in a URL's query
}

func (a attrs) record(u user.Info) authorizer.AttributesRecord {
	r := authorizer.AttributesRecord{User: u, Verb: a.Verb}
	if a.Path != "" {
		r.Path = a.Path
		return r
	}
	r.Namespace, r.APIGroup, r.APIVersion, r.Resource, r.Subresource, r.Name =
		a.Namespace, a.Group, "*", a.Resource, a.Subresource, a.Name
	r.ResourceRequest = true
	if a.Selector != "" {
		s, err := fields.ParseSelector(a.Selector)
		r.FieldSelectorParsingErr = err
		if err == nil {
			r.FieldSelectorRequirements = s.Requirements()
		}
	}
	return r
}

type question struct {
	ID     json.RawMessage `json:"id"`
	Op     string          `json:"op"`
	User   string          `json:"user"`
	Groups []string        `json:"groups"`
	attrs
	Reqs    [][]string          `json:"reqs"`    // decide: [verb,group,resource,subresource,name,namespace] or [verb,path]
	Repeat  int                 `json:"repeat"`  // decide: for timing
	Objects []json.RawMessage   `json:"objects"` // load
	Boot    bool                `json:"bootstrap"`
	Aggr    bool                `json:"aggregate"`
	Keep    bool                `json:"keep"` // load: add to the world instead of replacing it
	RoleRef *rbacv1.RoleRef     `json:"roleRef"`
	Rules   []rbacv1.PolicyRule `json:"rules"`
	Owner   []rbacv1.PolicyRule `json:"owner"`
	Method  string              `json:"method"`
	URL     string              `json:"url"`
	Level   string              `json:"level"`
	Version string              `json:"version"`
	Pod     json.RawMessage     `json:"pod"`
	Labels  map[string]string   `json:"labels"`
}

type answer map[string]any

var (
	psa     = newPSA()
	reqInfo = &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
)

// newPSA builds the evaluator with every forbidden reason prefixed by its check's id, so overrides stay upstream's.
func newPSA() policy.Evaluator {
	checks := policy.DefaultChecks()
	for i := range checks {
		id := checks[i].ID
		vs := append([]policy.VersionedCheck(nil), checks[i].Versions...)
		for j := range vs {
			f := vs[j].CheckPod
			vs[j].CheckPod = func(m *metav1.ObjectMeta, s *corev1.PodSpec) policy.CheckResult {
				r := f(m, s)
				r.ForbiddenReason = string(id) + "\x00" + r.ForbiddenReason
				return r
			}
		}
		checks[i].Versions = vs
	}
	// later releases take a second argument, the version to emulate; its zero value means the newest
	f, in := reflect.ValueOf(policy.NewEvaluator), []reflect.Value{reflect.ValueOf(checks)}
	if f.Type().NumIn() > 1 {
		in = append(in, reflect.Zero(f.Type().In(1)))
	}
	out := f.Call(in)
	if err, _ := out[1].Interface().(error); err != nil {
		panic(err)
	}
	return out[0].Interface().(policy.Evaluator)
}

func lv(level, version string) (l psaapi.LevelVersion, err error) {
	if l.Level, err = psaapi.ParseLevel(level); err != nil {
		return
	}
	if version == "" {
		version = "latest"
	}
	l.Version, err = psaapi.ParseVersion(version)
	return
}

func (w *world) decide(u user.Info, r []string) bool {
	var a authorizer.AttributesRecord
	if len(r) == 2 {
		a = attrs{Verb: r[0], Path: r[1]}.record(u)
	} else {
		a = attrs{Verb: r[0], Group: r[1], Resource: r[2], Subresource: r[3], Name: r[4], Namespace: r[5]}.record(u)
	}
	d, _, _ := w.authz.Authorize(context.Background(), a)
	return d == authorizer.DecisionAllow
}

func ask(w **world, q *question) (answer, error) {
	u := &user.DefaultInfo{Name: q.User, Groups: q.Groups}
	ctx := request.WithUser(context.Background(), u)
	switch q.Op {
	case "load":
		n := *w
		if !q.Keep {
			n = newWorld()
		}
		if q.Boot {
			n.bootstrap()
		}
		for _, o := range q.Objects {
			if err := n.add(o); err != nil {
				return nil, err
			}
		}
		a := answer{}
		if q.Aggr {
			rounds, err := n.aggregate()
			if err != nil {
				return nil, err
			}
			a["rounds"] = rounds
		}
		*w = n
		nr, nb := 0, 0
		for _, m := range n.roles {
			nr += len(m)
		}
		for _, m := range n.rbs {
			nb += len(m)
		}
		a["roles"], a["clusterRoles"], a["roleBindings"], a["clusterRoleBindings"] = nr, len(n.crs), nb, len(n.crbs)
		return a, nil
	case "dump": // the ClusterRoles as they stand, after aggregation
		out := []*rbacv1.ClusterRole{}
		for _, c := range (*w).crs {
			out = append(out, c)
		}
		sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
		return answer{"clusterRoles": out}, nil
	case "authorize":
		d, reason, err := (*w).authz.Authorize(ctx, q.attrs.record(u))
		a := answer{"allowed": d == authorizer.DecisionAllow, "reason": reason}
		if err != nil {
			a["evaluationError"] = err.Error()
		}
		return a, nil
	case "decide":
		for _, r := range q.Reqs {
			if len(r) != 2 && len(r) != 6 {
				return nil, fmt.Errorf("a request has 2 or 6 parts, not %d", len(r))
			}
		}
		bits := make([]byte, len(q.Reqs))
		t := time.Now()
		for k := 0; k < max(1, q.Repeat); k++ {
			var wg sync.WaitGroup
			n := runtime.GOMAXPROCS(0)
			if q.Repeat > 0 || len(q.Reqs) < 256 {
				n = 1
			}
			for part := 0; part < n; part++ {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for i := part; i < len(bits); i += n {
						bits[i] = '0'
						if (*w).decide(u, q.Reqs[i]) {
							bits[i] = '1'
						}
					}
				}()
			}
			wg.Wait()
		}
		a := answer{"bits": string(bits)}
		if q.Repeat > 0 {
			a["ns_each"] = float64(time.Since(t).Nanoseconds()) / float64(q.Repeat*max(1, len(q.Reqs)))
		}
		return a, nil
	case "whocan":
		s, err := (*w).who.AllowedSubjects(ctx, q.attrs.record(u))
		a := answer{"subjects": s}
		if err != nil {
			a["evaluationError"] = err.Error()
		}
		return a, nil
	case "rules":
		rs, err := (*w).resolver.RulesFor(ctx, u, q.Namespace)
		a := answer{"rules": rs}
		if err != nil {
			a["evaluationError"] = err.Error()
		}
		return a, nil
	case "covers":
		ok, missing := validation.Covers(q.Owner, q.Rules)
		return answer{"covers": ok, "missing": missing}, nil
	case "maybind": // may the user write a binding to roleRef in namespace ("" for a ClusterRoleBinding)?
		if q.RoleRef == nil {
			return nil, fmt.Errorf("no roleRef")
		}
		ctx = request.WithNamespace(ctx, q.Namespace)
		if rbacregistry.EscalationAllowed(ctx) {
			return answer{"allowed": true, "by": "system:masters"}, nil
		}
		if rbacregistry.BindingAuthorized(ctx, rbac.RoleRef{APIGroup: rbacv1.GroupName, Kind: q.RoleRef.Kind, Name: q.RoleRef.Name}, q.Namespace, (*w).authz) {
			return answer{"allowed": true, "by": "bind"}, nil
		}
		rs, err := (*w).resolver.GetRoleReferenceRules(ctx, *q.RoleRef, q.Namespace)
		if err != nil {
			return answer{"allowed": false, "by": "role", "detail": err.Error()}, nil
		}
		if err := rules.ConfirmNoEscalation(ctx, (*w).resolver, rs); err != nil {
			return answer{"allowed": false, "by": "covers", "detail": err.Error()}, nil
		}
		return answer{"allowed": true, "by": "covers"}, nil
	case "mayrole": // may the user write a Role or ClusterRole (resource) of that name with these rules?
		ctx = request.WithNamespace(ctx, q.Namespace)
		ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
			IsResourceRequest: true, APIGroup: rbacv1.GroupName, APIVersion: "v1", Resource: q.Resource, Name: q.Name, Namespace: q.Namespace, Verb: q.Verb,
		})
		if rbacregistry.EscalationAllowed(ctx) {
			return answer{"allowed": true, "by": "system:masters"}, nil
		}
		if rbacregistry.RoleEscalationAuthorized(ctx, (*w).authz) {
			return answer{"allowed": true, "by": "escalate"}, nil
		}
		if err := rules.ConfirmNoEscalation(ctx, (*w).resolver, q.Rules); err != nil {
			return answer{"allowed": false, "by": "covers", "detail": err.Error()}, nil
		}
		return answer{"allowed": true, "by": "covers"}, nil
	case "request": // an HTTP request to authorizer attributes
		p, err := url.ParseRequestURI(q.URL)
		if err != nil {
			return nil, err
		}
		ri, err := reqInfo.NewRequestInfo(&http.Request{Method: q.Method, URL: p, Header: http.Header{}})
		if err != nil {
			return nil, err
		}
		if !ri.IsResourceRequest {
			return answer{"verb": ri.Verb, "path": ri.Path}, nil
		}
		return answer{"verb": ri.Verb, "group": ri.APIGroup, "version": ri.APIVersion, "resource": ri.Resource, "subresource": ri.Subresource, "name": ri.Name, "namespace": ri.Namespace}, nil
	case "psa":
		l, err := lv(q.Level, q.Version)
		if err != nil {
			return nil, err
		}
		var p corev1.Pod
		if err := kjson.Unmarshal(q.Pod, &p); err != nil {
			return nil, err
		}
		failed := []map[string]string{}
		for _, r := range psa.EvaluatePod(l, &p.ObjectMeta, &p.Spec) {
			if !r.Allowed {
				id, reason, _ := strings.Cut(r.ForbiddenReason, "\x00")
				failed = append(failed, map[string]string{"check": id, "reason": reason, "detail": r.ForbiddenDetail})
			}
		}
		return answer{"allowed": len(failed) == 0, "failed": failed}, nil
	case "gates": // every feature gate: from which version it is at which stage, and on by itself
		all := map[string][]answer{}
		for name, specs := range utilfeature.DefaultMutableFeatureGate.GetAllVersioned() {
			for _, s := range specs {
				all[string(name)] = append(all[string(name)], answer{"minor": s.Version.Minor(), "stage": cmp.Or(string(s.PreRelease), "GA"), "on": s.Default})
			}
		}
		return answer{"gates": all}, nil
	case "psalabels":
		d := psaapi.LevelVersion{Level: psaapi.LevelPrivileged, Version: psaapi.LatestVersion()}
		p, errs := psaapi.PolicyToEvaluate(q.Labels, psaapi.Policy{Enforce: d, Audit: d, Warn: d})
		es := []string{}
		for _, e := range errs {
			es = append(es, e.Error())
		}
		return answer{"enforce": p.Enforce.String(), "audit": p.Audit.String(), "warn": p.Warn.String(), "errors": es}, nil
	}
	return nil, fmt.Errorf("unknown op %q", q.Op)
}

func run(in io.Reader, out io.Writer) error {
	r := bufio.NewReaderSize(in, 1<<20)
	o := bufio.NewWriterSize(out, 1<<16)
	defer o.Flush()
	enc := json.NewEncoder(o)
	enc.SetEscapeHTML(false)
	w := newWorld()
	for {
		line, err := r.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			var q question
			a := answer{}
			if e := kjson.Unmarshal(line, &q); e != nil {
				a["error"] = e.Error()
			} else if got, e := ask(&w, &q); e != nil {
				a["error"] = e.Error()
			} else {
				a = got
			}
			if q.ID != nil {
				a["id"] = q.ID
			}
			if e := enc.Encode(a); e != nil {
				return e
			}
			if r.Buffered() == 0 { // answer at once when the asker waits
				if e := o.Flush(); e != nil {
					return e
				}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func main() {
	klog.LogToStderr(false) // what the packages log about questions
	klog.SetOutput(io.Discard)
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}
