//! The structure of http filter.

use super::pattern::{
    DNS_SUBDOMAIN, HEADER_NAME, HEADER_VALUE, ORIGIN, ORIGIN_OF_ANY_SCHEME, URI_PATH,
};
use super::references::{BACKEND_OBJECT_REFERENCE, LOCAL_OBJECT_REFERENCE};
use super::table::{
    EXPERIMENTAL, EXPERIMENTAL_SINCE_V1_5, SINCE_V1_5, STANDARD_SINCE_V1_5, Struct, boolean,
    fields, int32, integer, keyed, object, optional, required, set, text,
};

pub(super) static HTTP_ROUTE_FILTER: Struct = fields(&[
    optional("cors", object(&CORS_FILTER)).only(STANDARD_SINCE_V1_5),
    optional("extensionRef", object(&LOCAL_OBJECT_REFERENCE)),
    optional("externalAuth", object(&EXTERNAL_AUTH_FILTER)).only(EXPERIMENTAL),
    optional("requestHeaderModifier", object(&HTTP_HEADER_FILTER)),
    optional("requestMirror", object(&REQUEST_MIRROR_FILTER)),
    optional("requestRedirect", object(&REQUEST_REDIRECT_FILTER)),
    optional("responseHeaderModifier", object(&HTTP_HEADER_FILTER)),
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
    optional("urlRewrite", object(&URL_REWRITE_FILTER)),
]);

pub(super) static HTTP_HEADER_FILTER: Struct = fields(&[
    optional("add", keyed(&["name"], &object(&HTTP_HEADER)).most(16)),
    optional("remove", set(&text()).most(16)),
    optional("set", keyed(&["name"], &object(&HTTP_HEADER)).most(16)),
]);

pub(super) static HTTP_HEADER: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    required(
        "value",
        text()
            .least(1)
            .most(4096)
            .like_in(EXPERIMENTAL_SINCE_V1_5, HEADER_VALUE),
    ),
]);

pub(super) static REQUEST_MIRROR_FILTER: Struct = fields(&[
    required("backendRef", object(&BACKEND_OBJECT_REFERENCE)),
    optional("fraction", object(&FRACTION)),
    optional("percent", int32().least(0).most(100)),
]);

pub(super) static FRACTION: Struct = fields(&[
    optional("denominator", int32().least(1)).or_number(100),
    required("numerator", int32().least(0)),
]);

pub(super) static REQUEST_REDIRECT_FILTER: Struct = fields(&[
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

pub(super) static URL_REWRITE_FILTER: Struct = fields(&[
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

pub(super) static CORS_FILTER: Struct = fields(&[
    optional("allowCredentials", boolean()),
    optional(
        "allowHeaders",
        set(&text().least(1).most(256).like(HEADER_NAME)).most(64),
    ),
    optional(
        "allowMethods",
        set(&text().one_of(&[
            "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*",
        ]))
        .most(9),
    ),
    optional(
        "allowOrigins",
        set(&text()
            .least(1)
            .most(253)
            .like(ORIGIN_OF_ANY_SCHEME)
            .like_in(SINCE_V1_5, ORIGIN))
        .most(64),
    ),
    optional(
        "exposeHeaders",
        set(&text().least(1).most(256).like(HEADER_NAME)).most(64),
    ),
    optional("maxAge", int32().least(1)).or_number(5),
]);

pub(super) static EXTERNAL_AUTH_FILTER: Struct = fields(&[
    required("backendRef", object(&BACKEND_OBJECT_REFERENCE)),
    optional("forwardBody", object(&FORWARD_BODY_CONFIG)),
    optional("grpc", object(&GRPC_AUTH_CONFIG)),
    optional("http", object(&HTTP_AUTH_CONFIG)),
    required("protocol", text().one_of(&["HTTP", "GRPC"])),
]);

pub(super) static HTTP_AUTH_CONFIG: Struct = fields(&[
    optional("allowedHeaders", set(&text()).most_in(SINCE_V1_5, 64)),
    optional(
        "allowedResponseHeaders",
        set(&text()).most_in(SINCE_V1_5, 64),
    ),
    optional("path", text().most(1024).like(URI_PATH)),
]);

pub(super) static GRPC_AUTH_CONFIG: Struct = fields(&[optional(
    "allowedHeaders",
    set(&text()).most_in(SINCE_V1_5, 64),
)]);

pub(super) static FORWARD_BODY_CONFIG: Struct = fields(&[optional("maxSize", integer())]);
