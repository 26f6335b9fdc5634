// Command controllers runs the two controllers of kube-controller-manager that RBAC tests need: the one that
// fills aggregated ClusterRoles and the one that makes each namespace's default service account.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	cfg, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err == nil {
		cfg.QPS, cfg.Burst = 200, 400
		err = run(ctx, kubernetes.NewForConfigOrDie(cfg))
	}
	if err != nil {
		klog.ErrorS(err, "controllers")
		os.Exit(1)
	}
}

func run(ctx context.Context, c kubernetes.Interface) error {
	f := informers.NewSharedInformerFactory(c, 0)
	agg := clusterroleaggregation.NewClusterRoleAggregation(f.Rbac().V1().ClusterRoles(), c.RbacV1())
	sa, err := serviceaccount.NewServiceAccountsController(klog.FromContext(ctx), f.Core().V1().ServiceAccounts(), f.Core().V1().Namespaces(), c, serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return err
	}
	f.Start(ctx.Done())
	go agg.Run(ctx, 2)
	go sa.Run(ctx, 1)
	<-ctx.Done()
	return nil
}
