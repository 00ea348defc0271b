//! From rules of objects to rules of the plan: MATCH-CAND, FILTER-GEN, and what channels and features leave out.

use gatewright::plan::{
    AuthProtocol, Filter, GrpcMatch, HttpMatch, Matches, Method, PathMatch, PathModifier, Rule,
    Timeouts, ValueMatch,
};
use gatewright::resolve::Features;
use gatewright::vocab::{Bundle, Channel, Duration, Release};
use serde_json::{Value, json};

use crate::world::*;

fn shop(rules: Value) -> World {
    world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(edit(cart_route(), json!({"spec": {"rules": rules}})))
}

fn rule_of(world: World) -> Rule {
    world.resolve().plan_route("HTTPRoute shop/cart").rules[0].clone()
}

fn filters(list: Value) -> Vec<Filter> {
    let rule = rule_of(shop(json!([{"filters": list}])));
    rule.action.filters.clone()
}

/// MATCH-CAND-01, MATCH-CAND-02: matches keep their order; what is absent has its default.
#[test]
fn matches_have_defaults() {
    for (matches, expected) in [
        (json!(null), vec![HttpMatch::prefix("/")]),
        (json!([]), vec![HttpMatch::prefix("/")]),
        (json!([{}]), vec![HttpMatch::prefix("/")]),
        (json!([{"path": {}}]), vec![HttpMatch::prefix("/")]),
        (
            json!([{"path": {"value": "/a"}}]),
            vec![HttpMatch::prefix("/a")],
        ),
        (
            json!([{"path": {"type": "Exact"}}]),
            vec![HttpMatch::exact("/")],
        ),
        (
            json!([{"path": {"type": "RegularExpression", "value": "/a.*"}}, {"method": "PUT"}]),
            vec![
                HttpMatch::regex("/a.*"),
                HttpMatch::prefix("/").with_method(Method::Put),
            ],
        ),
        (
            json!([{
                "headers": [{"name": "a", "value": "b"}],
                "queryParams": [{"name": "c", "value": "d"}],
            }]),
            vec![
                HttpMatch::prefix("/")
                    .with_header("a", "b")
                    .with_query("c", "d"),
            ],
        ),
    ] {
        let rule = rule_of(shop(json!([{"matches": matches}])));
        assert_eq!(rule.matches, Matches::Http(expected), "{matches}");
    }
}

/// MATCH-CAND-03: `rules: []` is no rule, absent rules are one without backends.
#[test]
fn absent_rules_are_one_for_every_path() {
    let absent = rule_of(shop(json!(null)));
    assert_eq!(absent.matches, Matches::Http(vec![HttpMatch::prefix("/")]));
    assert!(absent.action.backends.is_empty());
    assert!(
        shop(json!([]))
            .resolve()
            .plan_route("HTTPRoute shop/cart")
            .rules
            .is_empty()
    );
}

/// MATCH-CAND-04: Routes of one kind on a listener stand beside each other in the plan.
#[test]
fn routes_of_a_listener_stand_side_by_side() {
    let other = edit(cart_route(), json!({"metadata": {"name": "other"}}));
    let outcome = shop(json!([])).with(other).resolve();
    assert_eq!(
        outcome.serving("web"),
        ["HTTPRoute shop/cart []", "HTTPRoute shop/other []"]
    );
}

/// MATCH-CAND-05, RT-HOST-08: a Route on several listeners is one object, shared.
#[test]
fn a_route_is_shared_by_its_listeners() {
    let listeners = json!([http("web", 80), http("alt", 81)]);
    let outcome = shop(json!([]))
        .with(gateway("infra/edge", listeners))
        .resolve();
    let routes: Vec<_> = outcome
        .listeners()
        .map(|l| l.routes[0].route.clone())
        .collect();
    assert_eq!(routes.len(), 2);
    assert!(std::sync::Arc::ptr_eq(&routes[0], &routes[1]));
}

/// MATCH-GRPC-04, MATCH-GRPC-05, MATCH-GRPC-09: conditions on calls.
#[test]
fn conditions_on_calls_have_defaults() {
    let matches = |written: Value| {
        let spec = json!({"parentRefs": [to_edge()], "rules": [{"matches": written}]});
        let outcome = world()
            .with(edge())
            .with(route("GRPCRoute", "shop/r", spec))
            .resolve();
        let accepted = outcome.verdicts("GRPCRoute shop/r") == ["Accepted, ResolvedRefs"];
        accepted.then(|| {
            outcome.plan_route("GRPCRoute shop/r").rules[0]
                .matches
                .clone()
        })
    };
    let all = Some(Matches::Grpc(vec![GrpcMatch::default()]));
    assert_eq!(matches(json!(null)), all);
    assert_eq!(matches(json!([])), all);
    assert_eq!(matches(json!([{}])), all);
    assert_eq!(matches(json!([{"method": {}}])), None);
    assert_eq!(
        matches(json!([{"method": {"service": "", "method": ""}}])),
        None
    );
    assert_eq!(
        matches(json!([{"method": {"type": "Fuzzy", "service": "a.B"}}])),
        None
    );
    let Some(Matches::Grpc(found)) = matches(json!([{"method": {"service": "a.B", "method": ""}}]))
    else {
        panic!("it is accepted");
    };
    let method = found[0].method.as_ref().expect("a method");
    assert_eq!(method.service, Some(ValueMatch::Exact("a.B".into())));
    assert_eq!(method.method, None);
}

/// FILTER-GEN-01: filters keep their order, at both levels.
#[test]
fn filters_keep_their_order() {
    let list = json!([
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["a"]}},
        {"type": "RequestHeaderModifier", "requestHeaderModifier": {"add": [{"name": "a", "value": "b"}]}},
        {"type": "CORS", "cors": {"allowOrigins": ["https://a.test"]}},
        {"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/x"}}},
    ]);
    let names = |filters: &[Filter]| {
        let name = |filter: &Filter| match filter {
            Filter::RequestHeaders(_) => "request",
            Filter::ResponseHeaders(_) => "response",
            Filter::Cors(_) => "cors",
            Filter::Rewrite(_) => "rewrite",
            _ => "other",
        };
        filters.iter().map(name).collect::<Vec<_>>()
    };
    let found = filters(list.clone());
    assert_eq!(names(&found), ["response", "request", "cors", "rewrite"]);
    let backend = json!({"name": "cart", "port": 80, "filters": list});
    let rule = rule_of(shop(json!([{"backendRefs": [backend]}])));
    assert_eq!(
        rule.action.backends[0].filters, found,
        "FILTER-GEN-02, FILTER-GEN-03: levels stay apart"
    );
}

/// FILTER-GEN-04: which filters may repeat.
#[test]
fn some_filters_may_repeat() {
    let mirror = json!({"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "cart", "port": 80}}});
    let extension =
        json!({"type": "ExtensionRef", "extensionRef": {"group": "g", "kind": "k", "name": "n"}});
    let cors = json!({"type": "CORS", "cors": {}});
    let rewrite = json!({"type": "URLRewrite", "urlRewrite": {}});
    for (filter, allowed) in [
        (mirror, true),
        (extension, true),
        (cors, false),
        (rewrite, false),
    ] {
        let outcome = shop(json!([{"filters": [filter, filter]}])).resolve();
        let accepted = outcome.condition("HTTPRoute shop/cart", 0, "Accepted");
        assert_eq!(accepted["reason"] == "Accepted", allowed, "{filter}");
        if !allowed {
            assert_eq!(accepted["reason"], "UnsupportedValue", "{filter}");
        }
    }
}

/// FILTER-GEN-05, FILTER-GEN-06, RT-COND-07: what excludes each other, also across levels.
#[test]
fn rewrites_exclude_redirects() {
    let rewrite = json!({"type": "URLRewrite", "urlRewrite": {"hostname": "a.test"}});
    let redirect = json!({"type": "RequestRedirect", "requestRedirect": {}});
    let backend = |filter: &Value| json!({"name": "cart", "port": 80, "filters": [filter]});
    for rule in [
        json!({"filters": [rewrite, redirect]}),
        json!({"filters": [redirect], "backendRefs": [{"name": "cart", "port": 80}]}),
        json!({"filters": [rewrite], "backendRefs": [backend(&redirect)]}),
    ] {
        let outcome = shop(json!([rule])).resolve();
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["!IncompatibleFilters, ResolvedRefs"],
            "{rule}"
        );
    }
}

/// FILTER-GEN-07: the field that the type names must be there, and no other.
#[test]
fn a_filter_has_the_field_of_its_type_alone() {
    for filter in [
        json!({"type": "RequestHeaderModifier"}),
        json!({"type": "CORS"}),
        json!({"type": "URLRewrite", "urlRewrite": {}, "requestHeaderModifier": {}}),
        json!({"type": "RequestRedirect", "urlRewrite": {}}),
        json!({"type": "ExtensionRef"}),
        json!({"type": "RequestMirror"}),
    ] {
        let outcome = shop(json!([{"filters": [filter]}])).resolve();
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["!UnsupportedValue, ResolvedRefs"],
            "{filter}"
        );
    }
}

/// FILTER-GEN-08, MATCH-GRPC-17: a GRPCRoute has four filters.
#[test]
fn grpc_routes_have_four_filters() {
    let verdict = |filter: Value| {
        let spec = json!({"parentRefs": [to_edge()], "rules": [{"filters": [filter]}]});
        let world = world().with(edge()).with(service("shop/cart", &[80]));
        world
            .with(route("GRPCRoute", "shop/r", spec))
            .resolve()
            .verdicts("GRPCRoute shop/r")
            .remove(0)
    };
    for filter in [
        json!({"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["a"]}}),
        json!({"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["a"]}}),
        json!({"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "cart", "port": 80}}}),
    ] {
        assert_eq!(
            verdict(filter.clone()),
            "Accepted, ResolvedRefs",
            "{filter}"
        );
    }
    let extension = json!({"group": "g", "kind": "k", "name": "n"});
    let extension = json!({"type": "ExtensionRef", "extensionRef": extension});
    assert_eq!(verdict(extension), "Accepted, !InvalidKind");
    for type_ in ["RequestRedirect", "URLRewrite", "CORS", "ExternalAuth"] {
        assert_eq!(
            verdict(json!({"type": type_})),
            "!UnsupportedValue, ResolvedRefs",
            "{type_}"
        );
    }
}

/// FILTER-GEN-11, VER-04, VER-02: in a standard channel experimental fields are ignored and experimental types unknown; an
/// ExternalAuth that is not known still protects.
#[test]
fn standard_channels_lack_experimental_parts() {
    let standard = |release| Bundle::new(release, Channel::Standard);
    let experimental = |release| Bundle::new(release, Channel::Experimental);
    let cors = json!([{"filters": [{"type": "CORS", "cors": {"allowOrigins": ["*"]}}]}]);
    for (bundle, known) in [
        (standard(Release::V1_4), false),
        (experimental(Release::V1_4), true),
        (standard(Release::V1_5), true),
        (standard(Release::V1_6), true),
    ] {
        let outcome = shop(cors.clone()).bundle(bundle).resolve();
        let expected = if known {
            "Accepted"
        } else {
            "!UnsupportedValue"
        };
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            [format!("{expected}, ResolvedRefs")],
            "{bundle}"
        );
    }
    let sticky = edit(
        forward("cart"),
        json!({"retry": {}, "sessionPersistence": {}}),
    );
    let with = rule_of(shop(json!([sticky])));
    assert!(with.action.retry.is_some() && with.action.session.is_some());
    let without = rule_of(shop(json!([sticky])).bundle(standard(Release::V1_6)));
    assert!(without.action.retry.is_none() && without.action.session.is_none());

    let auth = json!({"protocol": "GRPC", "backendRef": {"name": "cart", "port": 80}});
    let auth = json!([{"type": "ExternalAuth", "externalAuth": auth}]);
    let rules = json!([{"filters": auth}, forward("cart")]);
    let outcome = shop(rules).bundle(standard(Release::V1_6)).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs, PartiallyInvalid"]
    );
    let rules = &outcome.plan_route("HTTPRoute shop/cart").rules;
    assert!(rules[0].action.fault.is_some() && rules[1].action.fault.is_none());
}

/// FILTER-CORS-21: the 500 of a rule that stays for an ExternalAuth which cannot even be lowered carries CORS headers, so the
/// filter stays too, and nothing else does.
#[test]
fn a_rule_kept_for_a_broken_external_auth_keeps_its_cors() {
    let auth = json!({"protocol": "SOAP", "backendRef": {"name": "cart", "port": 80}});
    let filters = json!([
        {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x-a"]}},
        {"type": "ExternalAuth", "externalAuth": auth},
        {"type": "CORS", "cors": {"allowOrigins": ["https://a.test"]}},
    ]);
    let outcome = shop(json!([{"filters": filters}, forward("cart")])).resolve();
    let action = &outcome.plan_route("HTTPRoute shop/cart").rules[0].action;
    assert!(action.fault.is_some());
    let [Filter::Cors(cors)] = &action.filters[..] else {
        panic!("{:?}", action.filters)
    };
    assert_eq!(cors.allow_origins, ["https://a.test".into()]);
}

/// GW-CLASS-18, FILTER-GEN-09: a rule that needs a feature which is switched off is invalid.
#[test]
fn switched_off_features_make_rules_invalid() {
    let filter = |type_: &str, field: &str, content: Value| {
        let mut filter = json!({"type": type_});
        filter[field] = content;
        json!({"filters": [filter]})
    };
    let mirror = |more: Value| {
        let mirror = edit(json!({"backendRef": {"name": "cart", "port": 80}}), more);
        filter("RequestMirror", "requestMirror", mirror)
    };
    let redirect = |content: Value| filter("RequestRedirect", "requestRedirect", content);
    let rewrite = |content: Value| filter("URLRewrite", "urlRewrite", content);
    let full = json!({"type": "ReplaceFullPath", "replaceFullPath": "/x"});
    let two_mirrors = {
        let one = mirror(json!({}))["filters"][0].clone();
        json!({"filters": [one, one]})
    };
    for (feature, rule) in [
        (
            "HTTPRouteMethodMatching",
            json!({"matches": [{"method": "GET"}]}),
        ),
        (
            "HTTPRouteQueryParamMatching",
            json!({"matches": [{"queryParams": [{"name": "a", "value": "b"}]}]}),
        ),
        (
            "HTTPRouteResponseHeaderModification",
            filter(
                "ResponseHeaderModifier",
                "responseHeaderModifier",
                json!({}),
            ),
        ),
        (
            "HTTPRouteSchemeRedirect",
            redirect(json!({"scheme": "https"})),
        ),
        ("HTTPRoutePortRedirect", redirect(json!({"port": 8080}))),
        ("HTTPRoutePathRedirect", redirect(json!({"path": full}))),
        (
            "HTTPRoute308RedirectStatusCode",
            redirect(json!({"statusCode": 308})),
        ),
        (
            "HTTPRouteHostRewrite",
            rewrite(json!({"hostname": "a.test"})),
        ),
        ("HTTPRoutePathRewrite", rewrite(json!({"path": full}))),
        ("HTTPRouteRequestMirror", mirror(json!({}))),
        ("HTTPRouteRequestMultipleMirrors", two_mirrors),
        (
            "HTTPRouteRequestPercentageMirror",
            mirror(json!({"percent": 10})),
        ),
        ("HTTPRouteCORS", filter("CORS", "cors", json!({}))),
        (
            "HTTPRouteRequestTimeout",
            json!({"timeouts": {"request": "1s"}}),
        ),
        (
            "HTTPRouteBackendTimeout",
            json!({"timeouts": {"backendRequest": "1s"}}),
        ),
        ("HTTPRouteRetry", json!({"retry": {}})),
    ] {
        let world = shop(json!([rule]));
        assert_eq!(
            world.resolve().verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs"],
            "{feature}"
        );
        let features = Features::default().without(feature).expect("a feature");
        let outcome = world
            .controller(|controller| controller.with_features(features))
            .resolve();
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["!UnsupportedValue, ResolvedRefs"],
            "{feature}"
        );
    }
    let features = Features::default().without("GRPCRoute").expect("a feature");
    let grpc = route("GRPCRoute", "shop/r", json!({"parentRefs": [to_edge()]}));
    let outcome = shop(json!([]))
        .with(grpc)
        .controller(|c| c.with_features(features))
        .resolve();
    assert!(
        !outcome.statuses.contains_key("GRPCRoute shop/r"),
        "a kind that we do not know"
    );
}

/// FILTER-REDIR-01, FILTER-REDIR-07, FILTER-REWRITE-01: redirects and rewrites as written, defaults filled in.
#[test]
fn redirects_and_rewrites_are_taken_over() {
    let found = filters(json!([{"type": "RequestRedirect", "requestRedirect": {
        "scheme": "https", "hostname": "a.test", "port": 8443,
        "path": {"type": "ReplaceFullPath", "replaceFullPath": "/new"},
    }}]));
    let Filter::Redirect(redirect) = &found[0] else {
        panic!("{found:?}")
    };
    assert_eq!(redirect.scheme.as_deref(), Some("https"));
    assert_eq!(redirect.hostname.as_deref(), Some("a.test"));
    assert_eq!((redirect.port, redirect.status), (Some(8443), 302));
    assert_eq!(
        redirect.path,
        Some(PathModifier::ReplaceFullPath("/new".into()))
    );
    let found = filters(json!([{"type": "URLRewrite", "urlRewrite": {"hostname": "b.test"}}]));
    let Filter::Rewrite(rewrite) = &found[0] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (rewrite.hostname.as_deref(), &rewrite.path),
        (Some("b.test"), &None)
    );
}

/// FILTER-MIRROR-03, FILTER-MIRROR-04, FILTER-MIRROR-06: shares of mirrors; a missing backend leaves the mirror in the plan with
/// its fault.
#[test]
fn mirrors_have_shares() {
    let share = |more: Value| {
        let mirror = edit(json!({"backendRef": {"name": "cart", "port": 80}}), more);
        let outcome =
            shop(json!([{"filters": [{"type": "RequestMirror", "requestMirror": mirror}]}]))
                .resolve();
        if outcome.verdicts("HTTPRoute shop/cart") != ["Accepted, ResolvedRefs"] {
            return None;
        }
        match &outcome.plan_route("HTTPRoute shop/cart").rules[0]
            .action
            .filters[0]
        {
            Filter::Mirror(mirror) => Some((mirror.numerator, mirror.denominator)),
            other => panic!("{other:?}"),
        }
    };
    for (written, expected) in [
        (json!({}), Some((100, 100))),
        (json!({"percent": 0}), Some((0, 100))),
        (json!({"percent": 42}), Some((42, 100))),
        (json!({"fraction": {"numerator": 5}}), Some((5, 100))),
        (
            json!({"fraction": {"numerator": 1, "denominator": 3}}),
            Some((1, 3)),
        ),
        (json!({"percent": 101}), None),
        (json!({"percent": -1}), None),
        (
            json!({"fraction": {"numerator": 2, "denominator": 1}}),
            None,
        ),
        (
            json!({"fraction": {"numerator": 0, "denominator": 0}}),
            None,
        ),
        (json!({"percent": 1, "fraction": {"numerator": 1}}), None),
    ] {
        assert_eq!(share(written.clone()), expected, "{written}");
    }
    let gone = json!({"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "gone", "port": 80}}});
    let outcome = shop(json!([edit(forward("cart"), json!({"filters": [gone]}))])).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !BackendNotFound"]
    );
    let action = &outcome.plan_route("HTTPRoute shop/cart").rules[0].action;
    let Filter::Mirror(mirror) = &action.filters[0] else {
        panic!("{action:?}")
    };
    assert!(mirror.backend.fault.is_some() && action.backends[0].fault.is_none());
}

/// FILTER-AUTH-02, FILTER-AUTH-03, FILTER-AUTH-15: how auth servers are asked; an absent stanza is an empty one.
#[test]
fn auth_servers_are_taken_over() {
    let auth = |more: Value| {
        let auth = edit(
            json!({"protocol": "HTTP", "backendRef": {"name": "cart", "port": 80}}),
            more,
        );
        let found = filters(json!([{"type": "ExternalAuth", "externalAuth": auth}]));
        let Filter::ExternalAuth(auth) = &found[0] else {
            panic!("{found:?}")
        };
        auth.clone()
    };
    let bare = auth(json!({}));
    let AuthProtocol::Http {
        path,
        allowed_headers,
        ..
    } = &bare.protocol
    else {
        panic!("{bare:?}")
    };
    assert!(path.is_empty() && allowed_headers.is_empty());
    assert_eq!(bare.max_body, 0);
    let grpc = auth(
        json!({"protocol": "GRPC", "grpc": {"allowedHeaders": ["a"]}, "forwardBody": {"maxSize": 9}}),
    );
    assert!(
        matches!(&grpc.protocol, AuthProtocol::Grpc { allowed_headers } if allowed_headers.len() == 1)
    );
    assert_eq!(grpc.max_body, 9);
    assert_eq!(
        grpc.backend.protocol,
        gatewright::plan::BackendProtocol::Http2
    );
}

/// BACKEND-TIMEOUT-03, BACKEND-TIMEOUT-04, BACKEND-RETRY-05, BACKEND-RETRY-06: limits and retries as written.
#[test]
fn limits_and_retries_are_taken_over() {
    let written = json!({"request": "10s", "backendRequest": "0s"});
    let rule = rule_of(shop(
        json!([{"timeouts": written, "retry": {"codes": [503], "backoff": "1s"}}]),
    ));
    let duration = |text: &str| Duration::parse(text).ok();
    assert_eq!(
        rule.action.timeouts,
        Timeouts {
            request: duration("10s"),
            backend_request: duration("0s")
        }
    );
    let retry = rule.action.retry.as_ref().expect("retries");
    assert_eq!(
        (retry.attempts, &*retry.codes, &retry.backoff),
        (1, &[503][..], &duration("1s"))
    );
    let longer = json!([{"timeouts": {"request": "1s", "backendRequest": "2s"}}]);
    assert!(rule_of(shop(longer)).action.timeouts.request.is_some());
}

/// The path of a match is taken over as written, whatever it is (MATCH-PATH-02).
#[test]
fn paths_are_taken_over_as_written() {
    let rule = rule_of(shop(json!([{"matches": [{"path": {"value": "/a/"}}]}])));
    let Matches::Http(matches) = &rule.matches else {
        panic!("{rule:?}")
    };
    assert_eq!(matches[0].path, PathMatch::Prefix("/a/".into()));
}

/// EX-37, FILTER-AUTH-04, MATCH-PATH-05: words of the announcement that no release has are unknown, and the rule leaves its
/// path to others; an auth server without port is a malformed reference.
#[test]
fn words_of_the_announcement_are_unknown() {
    let rules = json!([
        edit(
            forward("cart"),
            json!({"matches": [{"path": {"type": "Prefix", "value": "/a"}}]})
        ),
        edit(
            forward("cart"),
            json!({"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]})
        ),
    ]);
    let outcome = shop(rules).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs, PartiallyInvalid"]
    );
    let rules = &outcome.plan_route("HTTPRoute shop/cart").rules;
    let places: Vec<u32> = rules.iter().map(|rule| rule.index).collect();
    assert_eq!(places, [1]);

    let auth = json!({"protocol": "GRPC", "backendRef": {"name": "cart"}});
    let auth = json!([{"filters": [{"type": "ExternalAuth", "externalAuth": auth}]}]);
    let outcome = shop(auth).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !UnsupportedValue"]
    );
}

/// BACKEND-TIMEOUT-07: only HTTPRoutes have time limits; elsewhere the field is unknown and means nothing.
#[test]
fn only_http_routes_have_time_limits() {
    let rules = json!([{"timeouts": {"request": "1s"}}]);
    let spec = json!({"parentRefs": [to_edge()], "rules": rules});
    let outcome = world()
        .with(edge())
        .with(route("GRPCRoute", "shop/r", spec))
        .resolve();
    let action = &outcome.plan_route("GRPCRoute shop/r").rules[0].action;
    assert_eq!(action.timeouts, Timeouts::default());
    let shortest = rule_of(shop(json!([{"timeouts": {"request": "1ms"}}])));
    let request = shortest.action.timeouts.request.as_ref();
    assert_eq!(request.map(Duration::as_millis), Some(1));
}

/// SAFE-NS-01: backends and mirrors of another namespace without a grant are invalid ones.
#[test]
fn other_namespaces_need_a_grant() {
    let far = json!({"name": "stock", "namespace": "store", "port": 80});
    let mirror = json!({"type": "RequestMirror", "requestMirror": {"backendRef": far}});
    let rule = json!({"filters": [mirror], "backendRefs": [far]});
    let outcome = shop(json!([rule]))
        .with(service("store/stock", &[80]))
        .resolve();
    let action = &outcome.plan_route("HTTPRoute shop/cart").rules[0].action;
    let denied = Some(gatewright::plan::BackendFault::RefNotPermitted);
    assert_eq!(action.backends[0].fault, denied);
    let Filter::Mirror(mirror) = &action.filters[0] else {
        panic!("{action:?}")
    };
    assert_eq!(mirror.backend.fault, denied);
}
