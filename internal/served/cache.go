package served

import (
	"context"
	"net/http"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// Manager is what caches need of a manager: how to connect, and that it runs them.
type Manager interface {
	GetConfig() *rest.Config
	GetHTTPClient() *http.Client
	GetScheme() *runtime.Scheme
	GetRESTMapper() meta.RESTMapper
	Add(manager.Runnable) error
}

// runningCache is a cache that the manager runs until it is stopped.
type runningCache struct {
	cache.Cache
	stop context.CancelFunc
}

// runCache has the manager run a new cache. Failed is called each time that an attempt to list or watch fails. The cache retries by itself.
func runCache(m Manager, options cache.Options, failed func()) (*runningCache, error) {
	options.HTTPClient, options.Scheme, options.Mapper = m.GetHTTPClient(), m.GetScheme(), m.GetRESTMapper()
	options.DefaultWatchErrorHandler = func(ctx context.Context, r *toolscache.Reflector, err error) {
		failed()
		toolscache.DefaultWatchErrorHandler(ctx, r, err)
	}
	informers, err := cache.New(m.GetConfig(), options)
	if err != nil {
		return nil, err
	}
	stopped, stop := context.WithCancel(context.Background())
	err = m.Add(manager.RunnableFunc(func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(stopped, cancel)()
		return informers.Start(ctx)
	}))
	if err != nil {
		stop()
		return nil, err
	}
	return &runningCache{Cache: informers, stop: stop}, nil
}
