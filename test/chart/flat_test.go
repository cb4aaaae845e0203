package chart_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// flat is an object as its leaves: each as JSON, by its path. Items of lists go by their names where they have one.
func flat(o *unstructured.Unstructured) map[string]string {
	leaves := map[string]string{}
	flatten(leaves, "", o.Object)
	return leaves
}

func flatten(leaves map[string]string, path string, tree any) {
	switch now := tree.(type) {
	case map[string]any:
		if len(now) == 0 {
			leaves[path] = "{}"
		}
		for key, value := range now {
			if path != "" {
				key = path + "." + key
			}
			flatten(leaves, key, value)
		}
	case []any:
		if len(now) == 0 {
			leaves[path] = "[]"
		}
		for i, value := range now {
			step := fmt.Sprint(i)
			if fields, is := value.(map[string]any); is && fields["name"] != nil && path != "subjects" {
				step = fmt.Sprint(fields["name"])
			}
			flatten(leaves, path+"["+step+"]", value)
		}
	case string:
		leaves[path] = now
	default:
		text, _ := json.Marshal(now)
		leaves[path] = string(text)
	}
}

// changes are the differences between two sets of objects, each as a line: an object that is gone or new, or a leaf of one.
func changes(before, after []*unstructured.Unstructured) []string {
	was, is := byName(before), byName(after)
	var all []string
	for _, key := range sortedKeys(was) {
		if is[key] == nil {
			all = append(all, "- "+key)
		}
	}
	for _, key := range sortedKeys(is) {
		if was[key] == nil {
			all = append(all, "+ "+key)
			continue
		}
		if !reflect.DeepEqual(was[key], is[key]) {
			all = append(all, changedLeaves(key, flat(was[key]), flat(is[key]))...)
		}
	}
	return all
}

func changedLeaves(key string, was, is map[string]string) []string {
	paths := append(sortedKeys(was), sortedKeys(is)...)
	slices.Sort(paths)
	var all []string
	for _, path := range slices.Compact(paths) {
		old, had := was[path]
		now, has := is[path]
		switch {
		case had && !has:
			all = append(all, fmt.Sprintf("%s: - %s: %s", key, path, old))
		case !had && has:
			all = append(all, fmt.Sprintf("%s: + %s: %s", key, path, now))
		case old != now:
			all = append(all, fmt.Sprintf("%s: %s: %s, was %s", key, path, now, old))
		}
	}
	return all
}

// byName are objects by kind and name.
func byName(objects []*unstructured.Unstructured) map[string]*unstructured.Unstructured {
	all := map[string]*unstructured.Unstructured{}
	for _, o := range objects {
		all[o.GetKind()+" "+o.GetName()] = o
	}
	return all
}

func sortedKeys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
