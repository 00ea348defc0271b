//! One enum of reasons for every condition of every kind.

/// The reason of one condition of one kind of object.
pub trait Reason: Copy + std::fmt::Debug {
    /// The type of the condition.
    const TYPE: &'static str;

    /// The reason as conditions write it.
    fn as_str(self) -> &'static str;

    /// Whether the condition is true for this reason.
    fn status(self) -> bool;
}

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident of $kind:literal {
        $($(#[$variant_doc:meta])* $variant:ident = $reason:literal is $status:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl Reason for $name {
            const TYPE: &'static str = $kind;

            fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $reason,)+
                }
            }

            fn status(self) -> bool {
                match self {
                    $($name::$variant => $status,)+
                }
            }
        }
    };
}

reasons! {
    /// Of a GatewayClass (GW-CLASS-02..05).
    ClassAccepted of "Accepted" {
        /// Gateways of the class are provisioned.
        Accepted = "Accepted" is true,
        /// The parameters are missing, unsupported or malformed.
        InvalidParameters = "InvalidParameters" is false,
        /// Classes made by users are not supported.
        Unsupported = "Unsupported" is false,
    }
}

reasons! {
    /// Of a GatewayClass (GW-CLASS-07).
    ClassSupportedVersion of "SupportedVersion" {
        /// All CRDs of Gateway API have a version that is known.
        SupportedVersion = "SupportedVersion" is true,
        /// Some CRD has none, or one that is not known.
        UnsupportedVersion = "UnsupportedVersion" is false,
    }
}

reasons! {
    /// Of a Gateway (GW-COND-01..03).
    GatewayAccepted of "Accepted" {
        /// Everything is fine.
        Accepted = "Accepted" is true,
        /// Some listeners are usable, some are not.
        SomeListenersNotValid = "ListenersNotValid" is true,
        /// No listener is usable.
        NoListenerValid = "ListenersNotValid" is false,
        /// The object as a whole makes no sense.
        Invalid = "Invalid" is false,
        /// The parameters are missing, unsupported or malformed (GW-INFRA-03).
        InvalidParameters = "InvalidParameters" is false,
        /// An address is of a type that is not supported (GW-ADDR-01).
        UnsupportedAddress = "UnsupportedAddress" is false,
    }
}

reasons! {
    /// Of a Gateway (GW-COND-05/06).
    GatewayProgrammed of "Programmed" {
        /// It is in the configuration of the data plane.
        Programmed = "Programmed" is true,
        /// It is refused, or nothing of it can be programmed.
        Invalid = "Invalid" is false,
        /// No address is assigned yet.
        AddressNotAssigned = "AddressNotAssigned" is false,
        /// A wanted address cannot be had.
        AddressNotUsable = "AddressNotUsable" is false,
    }
}

reasons! {
    /// Of a Gateway (GW-COND-12).
    GatewayResolvedRefs of "ResolvedRefs" {
        /// All references are resolved.
        ResolvedRefs = "ResolvedRefs" is true,
        /// No grant allows the reference to the client certificate.
        RefNotPermitted = "RefNotPermitted" is false,
        /// The client certificate is missing or unusable.
        InvalidClientCertificateRef = "InvalidClientCertificateRef" is false,
        /// References of listeners are not resolved.
        ListenersNotResolved = "ListenersNotResolved" is false,
    }
}

reasons! {
    /// Of a Gateway, v1.4 only (GW-LSET-27).
    GatewayAttachedListenerSets of "AttachedListenerSets" {
        /// At least one set is attached.
        ListenerSetsAttached = "ListenerSetsAttached" is true,
        /// Sets are allowed, none is attached.
        NoListenerSetsAttached = "NoListenerSetsAttached" is false,
        /// Sets refer to the Gateway, none is allowed.
        ListenerSetsNotAllowed = "ListenerSetsNotAllowed" is false,
    }
}

reasons! {
    /// Of a Gateway (GW-DEF-10).
    GatewayDefault of "DefaultGateway" {
        /// Routes may bind to it by default.
        DefaultGateway = "DefaultGateway" is true,
    }
}

reasons! {
    /// Of a Gateway (GW-FTLS-12).
    GatewayInsecureFrontendValidation of "InsecureFrontendValidationMode" {
        /// Clients without a valid certificate are tolerated somewhere.
        ConfigurationChanged = "ConfigurationChanged" is true,
    }
}

reasons! {
    /// Of a listener or an entry of a set (GW-COND-07).
    ListenerAccepted of "Accepted" {
        /// It is usable.
        Accepted = "Accepted" is true,
        /// The protocol is unknown or not supported.
        UnsupportedProtocol = "UnsupportedProtocol" is false,
        /// Some value in it is not supported or makes no sense.
        UnsupportedValue = "UnsupportedValue" is false,
        /// It asks for a dynamic port (GW-LSET-22).
        UnsupportedPort = "UnsupportedPort" is false,
        /// Another listener has the same hostname on the port.
        HostnameConflict = "HostnameConflict" is false,
        /// Another listener speaks an incompatible protocol on the port.
        ProtocolConflict = "ProtocolConflict" is false,
        /// No grant allows the references to its certificates, and none is left.
        RefNotPermitted = "RefNotPermitted" is false,
        /// No usable certificate is left.
        InvalidCertificateRef = "InvalidCertificateRef" is false,
        /// No usable authority for client certificates is left.
        NoValidCaCertificate = "NoValidCACertificate" is false,
        /// The port cannot be bound.
        PortUnavailable = "PortUnavailable" is false,
        /// More listeners than the data plane takes (GW-LSET-21).
        TooManyListeners = "TooManyListeners" is false,
    }
}

reasons! {
    /// Of a listener or an entry of a set (GW-COND-08).
    ListenerResolvedRefs of "ResolvedRefs" {
        /// All references are resolved.
        ResolvedRefs = "ResolvedRefs" is true,
        /// No grant allows a reference.
        RefNotPermitted = "RefNotPermitted" is false,
        /// A certificate is missing or unusable.
        InvalidCertificateRef = "InvalidCertificateRef" is false,
        /// An authority for client certificates is missing or unusable.
        InvalidCaCertificateRef = "InvalidCACertificateRef" is false,
        /// An authority for client certificates is of a kind that is not supported.
        InvalidCaCertificateKind = "InvalidCACertificateKind" is false,
        /// A kind of Route is unknown, not supported or unfit for the protocol.
        InvalidRouteKinds = "InvalidRouteKinds" is false,
    }
}

reasons! {
    /// Of a listener or an entry of a set (GW-COND-09).
    ListenerProgrammed of "Programmed" {
        /// It takes traffic.
        Programmed = "Programmed" is true,
        /// It is not usable.
        Invalid = "Invalid" is false,
        /// Another listener has the same hostname on the port.
        HostnameConflict = "HostnameConflict" is false,
        /// Another listener speaks an incompatible protocol on the port.
        ProtocolConflict = "ProtocolConflict" is false,
        /// It asks for a dynamic port.
        UnsupportedPort = "UnsupportedPort" is false,
    }
}

reasons! {
    /// Of a listener or an entry of a set; absent without a conflict (GW-CONFLICT-13).
    ListenerConflicted of "Conflicted" {
        /// Another listener has the same hostname on the port.
        HostnameConflict = "HostnameConflict" is true,
        /// Another listener speaks an incompatible protocol on the port.
        ProtocolConflict = "ProtocolConflict" is true,
    }
}

reasons! {
    /// Of a listener or an entry of a set; absent without an overlap (GW-COAL-01).
    ListenerOverlappingTls of "OverlappingTLSConfig" {
        /// Hostnames of listeners on the port overlap.
        OverlappingHostnames = "OverlappingHostnames" is true,
        /// Names in certificates of listeners on the port overlap.
        OverlappingCertificates = "OverlappingCertificates" is true,
    }
}

reasons! {
    /// Of a ListenerSet (GW-LSET-05/06/15/16).
    SetAccepted of "Accepted" {
        /// All entries are usable.
        Accepted = "Accepted" is true,
        /// Some entries are usable, some are not.
        SomeListenersNotValid = "ListenersNotValid" is true,
        /// No entry is usable.
        NoListenerValid = "ListenersNotValid" is false,
        /// The Gateway does not select it.
        NotAllowed = "NotAllowed" is false,
        /// The Gateway is refused.
        ParentNotAccepted = "ParentNotAccepted" is false,
    }
}

reasons! {
    /// Of a ListenerSet (GW-LSET-05/06/15/16).
    SetProgrammed of "Programmed" {
        /// At least one entry takes traffic.
        Programmed = "Programmed" is true,
        /// No entry takes traffic.
        ListenersNotValid = "ListenersNotValid" is false,
        /// The Gateway does not select it.
        NotAllowed = "NotAllowed" is false,
        /// The Gateway is refused.
        ParentNotProgrammed = "ParentNotProgrammed" is false,
    }
}

reasons! {
    /// Of an XMesh (XMESH-02).
    MeshAccepted of "Accepted" {
        /// The mesh is claimed.
        Accepted = "Accepted" is true,
        /// The parameters are missing, unsupported or malformed.
        InvalidParameters = "InvalidParameters" is false,
    }
}

reasons! {
    /// Of a Route at one parent (RT-COND-02, RT-XTYPE-04, MESH-06).
    RouteAccepted of "Accepted" {
        /// It is attached.
        Accepted = "Accepted" is true,
        /// No listener takes its kind or namespace.
        NotAllowedByListeners = "NotAllowedByListeners" is false,
        /// Its hostnames fit no listener.
        NoMatchingListenerHostname = "NoMatchingListenerHostname" is false,
        /// The parent has no such section or port.
        NoMatchingParent = "NoMatchingParent" is false,
        /// No rule of it can be implemented.
        UnsupportedValue = "UnsupportedValue" is false,
        /// All its rules hold filters that exclude one another.
        IncompatibleFilters = "IncompatibleFilters" is false,
        /// Another Route takes precedence.
        Conflicted = "Conflicted" is false,
    }
}

reasons! {
    /// Of a Route at one parent (RT-COND-03, BE-03, BTLS-18).
    RouteResolvedRefs of "ResolvedRefs" {
        /// All references are resolved.
        ResolvedRefs = "ResolvedRefs" is true,
        /// No grant allows a reference.
        RefNotPermitted = "RefNotPermitted" is false,
        /// A referent is of a kind that is not supported.
        InvalidKind = "InvalidKind" is false,
        /// A backend is missing.
        BackendNotFound = "BackendNotFound" is false,
        /// A backend speaks nothing that the Route could.
        UnsupportedProtocol = "UnsupportedProtocol" is false,
        /// A reference is malformed.
        UnsupportedValue = "UnsupportedValue" is false,
        /// A BackendTLSPolicy applies that cannot be met.
        InvalidBackendTlsPolicy = "InvalidBackendTLSPolicy" is false,
    }
}

reasons! {
    /// Of a Route at one parent; absent when nothing is dropped (RT-COND-08).
    RoutePartiallyInvalid of "PartiallyInvalid" {
        /// Some rules are dropped.
        UnsupportedValue = "UnsupportedValue" is true,
    }
}

reasons! {
    /// Of a policy at one ancestor (BTLS-25, POL-07).
    PolicyAccepted of "Accepted" {
        /// It is in force.
        Accepted = "Accepted" is true,
        /// Another policy takes precedence.
        Conflicted = "Conflicted" is false,
        /// Its content makes no sense.
        Invalid = "Invalid" is false,
        /// The target, or its section, is missing.
        TargetNotFound = "TargetNotFound" is false,
        /// No usable authority is left.
        NoValidCaCertificate = "NoValidCACertificate" is false,
    }
}

reasons! {
    /// Of a policy at one ancestor (BTLS-12..15).
    PolicyResolvedRefs of "ResolvedRefs" {
        /// All references are resolved.
        ResolvedRefs = "ResolvedRefs" is true,
        /// An authority is missing or unusable.
        InvalidCaCertificateRef = "InvalidCACertificateRef" is false,
        /// An authority is of a kind that is not supported.
        InvalidKind = "InvalidKind" is false,
    }
}
