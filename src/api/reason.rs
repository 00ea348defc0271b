//! Reasons of conditions: one enum for each condition of each object.
//!
//! A reason knows the type and status of its condition, so [`Condition::of`](super::Condition::of) cannot be asked for
//! a pair that the specification does not have. Where one word stands for two statuses, two variants share it. Words
//! that upstream has deprecated are left out (GW-COND-11).

use super::ConditionStatus;

/// A reason of one condition of one sort of object.
///
/// Implemented by the enums of this module; a controller with conditions of its own may implement it too.
pub trait Reason {
    /// The type of the condition, as `Accepted`.
    const CONDITION: &'static str;

    /// The status that the condition has for this reason.
    fn status(&self) -> ConditionStatus;

    /// The reason as the wire has it.
    fn as_str(&self) -> &'static str;
}

macro_rules! reasons {
    (
        $(#[$meta:meta])*
        $name:ident: $condition:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $status:ident $word:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// All reasons known here.
            pub const ALL: &'static [$name] = &[$( $name::$variant, )+];
        }

        impl Reason for $name {
            const CONDITION: &'static str = $condition;

            fn status(&self) -> ConditionStatus {
                match self {
                    $( $name::$variant => ConditionStatus::$status, )+
                }
            }

            fn as_str(&self) -> &'static str {
                match self {
                    $( $name::$variant => $word, )+
                }
            }
        }
    };
}

// GatewayClass.

reasons! {
    /// `Accepted` of a GatewayClass (GW-CLASS-02/03/04/08).
    GatewayClassAccepted: "Accepted" {
        /// Gateways of the class will be served.
        Accepted = True "Accepted",
        /// The parameters cannot be used.
        InvalidParameters = False "InvalidParameters",
        /// Classes made by users are not supported.
        Unsupported = False "Unsupported",
        /// The installed CRDs are of a release that is not known.
        UnsupportedVersion = False "UnsupportedVersion",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `SupportedVersion` of a GatewayClass (GW-CLASS-07).
    GatewayClassSupportedVersion: "SupportedVersion" {
        /// All installed CRDs are of known releases.
        SupportedVersion = True "SupportedVersion",
        /// At least one is not.
        UnsupportedVersion = False "UnsupportedVersion",
    }
}

// Gateway.

reasons! {
    /// `Accepted` of a Gateway (GW-COND-01/02).
    GatewayAccepted: "Accepted" {
        /// All listeners are usable.
        Accepted = True "Accepted",
        /// Some listeners are usable.
        SomeListenersNotValid = True "ListenersNotValid",
        /// The Gateway's own content cannot be used.
        Invalid = False "Invalid",
        /// The parameters of its infrastructure cannot be used.
        InvalidParameters = False "InvalidParameters",
        /// An address is of a type that is not supported.
        UnsupportedAddress = False "UnsupportedAddress",
        /// No listener is usable.
        ListenersNotValid = False "ListenersNotValid",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `Programmed` of a Gateway (GW-COND-05).
    GatewayProgrammed: "Programmed" {
        /// Traffic is served.
        Programmed = True "Programmed",
        /// Refused, or no listener is programmed.
        Invalid = False "Invalid",
        /// Accepted, but not in the data plane yet.
        NotYet = False "Pending",
        /// Resources for it are lacking.
        NoResources = False "NoResources",
        /// It has no address yet.
        AddressNotAssigned = False "AddressNotAssigned",
        /// An address that it asks for cannot be had.
        AddressNotUsable = False "AddressNotUsable",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `ResolvedRefs` of a Gateway (GW-COND-12).
    GatewayResolvedRefs: "ResolvedRefs" {
        /// Every reference leads somewhere.
        ResolvedRefs = True "ResolvedRefs",
        /// A reference into another namespace has no grant.
        RefNotPermitted = False "RefNotPermitted",
        /// The client certificate towards backends cannot be used.
        InvalidClientCertificateRef = False "InvalidClientCertificateRef",
        /// At least one listener has unresolved references.
        ListenersNotResolved = False "ListenersNotResolved",
    }
}

reasons! {
    /// `AttachedListenerSets` of a Gateway, v1.4 only (GW-LSET-27).
    GatewayAttachedListenerSets: "AttachedListenerSets" {
        /// At least one set is attached.
        ListenerSetsAttached = True "ListenerSetsAttached",
        /// Sets are allowed, none is attached.
        NoListenerSetsAttached = False "NoListenerSetsAttached",
        /// No set that refers to the Gateway is allowed.
        ListenerSetsNotAllowed = False "ListenerSetsNotAllowed",
    }
}

reasons! {
    /// `InsecureFrontendValidationMode` of a Gateway (GW-FTLS-12).
    GatewayInsecureFrontendValidationMode: "InsecureFrontendValidationMode" {
        /// Clients without a valid certificate are let in.
        ConfigurationChanged = True "ConfigurationChanged",
    }
}

reasons! {
    /// `DefaultGateway` of a Gateway (GW-DEF-10).
    GatewayDefaultGateway: "DefaultGateway" {
        /// Routes that name no parent may come here.
        DefaultGateway = True "DefaultGateway",
    }
}

// Listeners of Gateways and entries of ListenerSets.

reasons! {
    /// `Accepted` of a listener or an entry of a ListenerSet (GW-COND-07, GW-CERT-06, GW-LSET-12/21/22).
    ListenerAccepted: "Accepted" {
        /// Usable.
        Accepted = True "Accepted",
        /// The protocol is unknown or switched off.
        UnsupportedProtocol = False "UnsupportedProtocol",
        /// A field holds something that cannot be served.
        UnsupportedValue = False "UnsupportedValue",
        /// The port is left open, and none is assigned here.
        UnsupportedPort = False "UnsupportedPort",
        /// Port and protocol are the same as another's, and so is the hostname.
        HostnameConflict = False "HostnameConflict",
        /// The port is used by another protocol.
        ProtocolConflict = False "ProtocolConflict",
        /// No certificate is left: a reference has no grant.
        RefNotPermitted = False "RefNotPermitted",
        /// No certificate is left: none can be used.
        InvalidCertificateRef = False "InvalidCertificateRef",
        /// No CA is left to check clients with.
        NoValidCaCertificate = False "NoValidCACertificate",
        /// The port cannot be bound.
        PortUnavailable = False "PortUnavailable",
        /// The limit on listeners is reached.
        TooManyListeners = False "TooManyListeners",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `ResolvedRefs` of a listener or an entry of a ListenerSet (GW-COND-08).
    ListenerResolvedRefs: "ResolvedRefs" {
        /// Every reference leads somewhere.
        ResolvedRefs = True "ResolvedRefs",
        /// A reference into another namespace has no grant.
        RefNotPermitted = False "RefNotPermitted",
        /// A certificate is missing or malformed.
        InvalidCertificateRef = False "InvalidCertificateRef",
        /// A CA certificate is missing or malformed.
        InvalidCaCertificateRef = False "InvalidCACertificateRef",
        /// A CA reference is to a kind that cannot hold one.
        InvalidCaCertificateKind = False "InvalidCACertificateKind",
        /// A kind of Route is unknown or does not fit the protocol.
        InvalidRouteKinds = False "InvalidRouteKinds",
    }
}

reasons! {
    /// `Programmed` of a listener or an entry of a ListenerSet (GW-COND-09).
    ListenerProgrammed: "Programmed" {
        /// Traffic is served.
        Programmed = True "Programmed",
        /// Not usable.
        Invalid = False "Invalid",
        /// Usable, but not in the data plane yet.
        NotYet = False "Pending",
        /// Lost its hostname to another.
        HostnameConflict = False "HostnameConflict",
        /// Lost its port to another protocol.
        ProtocolConflict = False "ProtocolConflict",
        /// The port is left open (GW-LSET-22).
        UnsupportedPort = False "UnsupportedPort",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `Conflicted` of a listener or an entry of a ListenerSet (GW-CONFLICT-10/13, GW-LSET-12).
    ListenerConflicted: "Conflicted" {
        /// Another has the same port, protocol and hostname.
        HostnameConflict = True "HostnameConflict",
        /// Another protocol is on the port.
        ProtocolConflict = True "ProtocolConflict",
        /// None; left out by default.
        NoConflicts = False "NoConflicts",
    }
}

reasons! {
    /// `OverlappingTLSConfig` of a listener or an entry of a ListenerSet (GW-COAL-01).
    ListenerOverlappingTlsConfig: "OverlappingTLSConfig" {
        /// The hostnames of two listeners of a port overlap.
        OverlappingHostnames = True "OverlappingHostnames",
        /// The certificates of two listeners of a port stand for a common name.
        OverlappingCertificates = True "OverlappingCertificates",
    }
}

// ListenerSet.

reasons! {
    /// `Accepted` of a ListenerSet (GW-LSET-05/06/15/16).
    ListenerSetAccepted: "Accepted" {
        /// All entries are usable.
        Accepted = True "Accepted",
        /// Some entries are usable.
        SomeListenersNotValid = True "ListenersNotValid",
        /// The Gateway does not let the set in.
        NotAllowed = False "NotAllowed",
        /// The Gateway itself is refused.
        ParentNotAccepted = False "ParentNotAccepted",
        /// No entry is usable.
        ListenersNotValid = False "ListenersNotValid",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `Programmed` of a ListenerSet (GW-LSET-05/06/15/16).
    ListenerSetProgrammed: "Programmed" {
        /// At least one entry serves traffic.
        Programmed = True "Programmed",
        /// The Gateway does not let the set in.
        NotAllowed = False "NotAllowed",
        /// The Gateway itself is refused.
        ParentNotProgrammed = False "ParentNotProgrammed",
        /// No entry is programmed.
        ListenersNotValid = False "ListenersNotValid",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

// Routes.

reasons! {
    /// `Accepted` of a Route at one parent (RT-COND-02, RT-XTYPE-04, MESH-06).
    RouteAccepted: "Accepted" {
        /// Attached, with at least one rule.
        Accepted = True "Accepted",
        /// No listener lets its kind or namespace in.
        NotAllowedByListeners = False "NotAllowedByListeners",
        /// No listener shares a hostname with it.
        NoMatchingListenerHostname = False "NoMatchingListenerHostname",
        /// The parent has no such listener or port.
        NoMatchingParent = False "NoMatchingParent",
        /// No rule can be served.
        UnsupportedValue = False "UnsupportedValue",
        /// Every rule has filters that exclude each other.
        IncompatibleFilters = False "IncompatibleFilters",
        /// A Route of another kind has its place.
        Conflicted = False "Conflicted",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

reasons! {
    /// `ResolvedRefs` of a Route at one parent (RT-COND-03, BE-03, BTLS-18).
    RouteResolvedRefs: "ResolvedRefs" {
        /// Every reference leads somewhere.
        ResolvedRefs = True "ResolvedRefs",
        /// A reference into another namespace has no grant.
        RefNotPermitted = False "RefNotPermitted",
        /// A reference is to a kind that is not supported.
        InvalidKind = False "InvalidKind",
        /// A backend or its port does not exist.
        BackendNotFound = False "BackendNotFound",
        /// A backend speaks a protocol that the Route cannot.
        UnsupportedProtocol = False "UnsupportedProtocol",
        /// A Service is named without a port.
        UnsupportedValue = False "UnsupportedValue",
        /// TLS to a backend is demanded by a policy that cannot be met.
        InvalidBackendTlsPolicy = False "InvalidBackendTLSPolicy",
    }
}

reasons! {
    /// `PartiallyInvalid` of a Route at one parent (RT-COND-08).
    RoutePartiallyInvalid: "PartiallyInvalid" {
        /// Some rules are left out.
        UnsupportedValue = True "UnsupportedValue",
    }
}

// Policies.

reasons! {
    /// `Accepted` of a BackendTLSPolicy at one ancestor (BTLS-25).
    BackendTlsPolicyAccepted: "Accepted" {
        /// In force.
        Accepted = True "Accepted",
        /// A target or its port does not exist.
        TargetNotFound = False "TargetNotFound",
        /// An older policy has the target.
        Conflicted = False "Conflicted",
        /// The content cannot be used.
        Invalid = False "Invalid",
        /// No CA is left to check the backend with.
        NoValidCaCertificate = False "NoValidCACertificate",
    }
}

reasons! {
    /// `ResolvedRefs` of a BackendTLSPolicy at one ancestor (BTLS-12/15).
    BackendTlsPolicyResolvedRefs: "ResolvedRefs" {
        /// Every reference leads somewhere.
        ResolvedRefs = True "ResolvedRefs",
        /// A CA certificate is missing or malformed.
        InvalidCaCertificateRef = False "InvalidCACertificateRef",
        /// A CA reference is to a kind that cannot hold one.
        InvalidKind = False "InvalidKind",
    }
}

reasons! {
    /// `Accepted` of an XBackendTrafficPolicy at one ancestor (XBTP-02/09/10, POL-07).
    BackendTrafficPolicyAccepted: "Accepted" {
        /// In force.
        Accepted = True "Accepted",
        /// The target does not exist.
        TargetNotFound = False "TargetNotFound",
        /// An older policy has the target.
        Conflicted = False "Conflicted",
        /// The content or a target's kind cannot be used.
        Invalid = False "Invalid",
    }
}

// XMesh.

reasons! {
    /// `Accepted` of an XMesh (XMESH-02).
    MeshAccepted: "Accepted" {
        /// Claimed by a mesh.
        Accepted = True "Accepted",
        /// The parameters cannot be used.
        InvalidParameters = False "InvalidParameters",
        /// No controller has looked yet.
        Pending = Unknown "Pending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<R: Reason>(all: &[R]) -> Vec<(&'static str, String)> {
        all.iter()
            .map(|r| (r.as_str(), r.status().as_str().to_owned()))
            .collect()
    }

    #[test]
    fn no_reason_occurs_twice_with_one_status() {
        fn check<R: Reason>(all: &[R]) {
            let words = words(all);
            let distinct: std::collections::BTreeSet<_> = words.iter().collect();
            assert_eq!(distinct.len(), words.len(), "{}: {words:?}", R::CONDITION);
            // GW-STAT-08: CamelCase.
            assert!(words.iter().all(|(word, _)| {
                word.starts_with(|c: char| c.is_ascii_uppercase())
                    && word.bytes().all(|b| b.is_ascii_alphanumeric())
            }));
        }
        check(GatewayClassAccepted::ALL);
        check(GatewayClassSupportedVersion::ALL);
        check(GatewayAccepted::ALL);
        check(GatewayProgrammed::ALL);
        check(GatewayResolvedRefs::ALL);
        check(GatewayAttachedListenerSets::ALL);
        check(ListenerAccepted::ALL);
        check(ListenerResolvedRefs::ALL);
        check(ListenerProgrammed::ALL);
        check(ListenerConflicted::ALL);
        check(ListenerOverlappingTlsConfig::ALL);
        check(ListenerSetAccepted::ALL);
        check(ListenerSetProgrammed::ALL);
        check(RouteAccepted::ALL);
        check(RouteResolvedRefs::ALL);
        check(BackendTlsPolicyAccepted::ALL);
        check(BackendTlsPolicyResolvedRefs::ALL);
        check(BackendTrafficPolicyAccepted::ALL);
        check(MeshAccepted::ALL);
    }

    #[test]
    fn gateway_accepted_has_the_words_of_gw_cond_01() {
        let mut found = words(GatewayAccepted::ALL);
        found.sort();
        let expected = [
            ("Accepted", "True"),
            ("Invalid", "False"),
            ("InvalidParameters", "False"),
            ("ListenersNotValid", "False"),
            ("ListenersNotValid", "True"),
            ("Pending", "Unknown"),
            ("UnsupportedAddress", "False"),
        ];
        assert_eq!(
            found,
            expected.map(|(word, status)| (word, status.to_owned()))
        );
    }
}
