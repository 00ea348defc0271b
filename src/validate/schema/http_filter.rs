//! Filters of an HTTPRoute.

use super::cors::CORS;
use super::external_auth::EXTERNAL_AUTH;
use super::header_modifier::HEADER_MODIFIER;
use super::object_reference::LOCAL_OBJECT_REFERENCE;
use super::pattern::DNS_SUBDOMAIN;
use super::request_mirror::REQUEST_MIRROR;
use super::table::{
    EXPERIMENTAL, SINCE_V1_5, STANDARD_SINCE_V1_5, Struct, fields, int32, integer, object,
    optional, required, text,
};

pub(super) static HTTP_ROUTE_FILTER: Struct = fields(&[
    optional("cors", object(&CORS)).only(STANDARD_SINCE_V1_5),
    optional("extensionRef", object(&LOCAL_OBJECT_REFERENCE)),
    optional("externalAuth", object(&EXTERNAL_AUTH)).only(EXPERIMENTAL),
    optional("requestHeaderModifier", object(&HEADER_MODIFIER)),
    optional("requestMirror", object(&REQUEST_MIRROR)),
    optional("requestRedirect", object(&REQUEST_REDIRECT)),
    optional("responseHeaderModifier", object(&HEADER_MODIFIER)),
    required(
        "type",
        text()
            .one_of(&[
                "RequestHeaderModifier",
                "ResponseHeaderModifier",
                "RequestMirror",
                "RequestRedirect",
                "URLRewrite",
                "ExtensionRef",
            ])
            .one_of_in(&[
                (STANDARD_SINCE_V1_5, &["CORS"]),
                (EXPERIMENTAL, &["ExternalAuth"]),
            ]),
    ),
    optional("urlRewrite", object(&URL_REWRITE)),
]);

pub(super) static REQUEST_REDIRECT: Struct = fields(&[
    optional("hostname", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional("path", object(&HTTP_PATH_MODIFIER)),
    optional("port", int32().least(1).most(65_535)),
    optional("scheme", text().one_of(&["http", "https"])),
    optional(
        "statusCode",
        integer()
            .one_of_codes(&[301, 302])
            .one_of_codes_in(&[(SINCE_V1_5, &[303, 307, 308])]),
    )
    .or_number(302),
]);

pub(super) static URL_REWRITE: Struct = fields(&[
    optional("hostname", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional("path", object(&HTTP_PATH_MODIFIER)),
]);

pub(super) static HTTP_PATH_MODIFIER: Struct = fields(&[
    optional("replaceFullPath", text().most(1024)),
    optional("replacePrefixMatch", text().most(1024)),
    required(
        "type",
        text().one_of(&["ReplaceFullPath", "ReplacePrefixMatch"]),
    ),
]);
