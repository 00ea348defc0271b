//! Who resolves: name, bundle, features and what is known beside the objects.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::certificate_reader::{CertificateReader, PemSyntax};
use super::data_plane::{DataPlane, IdealDataPlane};
use super::features::Features;
use crate::vocab::{Bundle, Channel, Release};

/// On whose behalf a snapshot is resolved, by which rules, and with which knowledge beside the objects.
///
/// The default is the most generous one: every GatewayClass is ours under its own controller name, the newest release with
/// experimental fields, all features, an ideal data plane, PEM syntax for certificates.
///
/// # Spec
///
/// GW-CLASS-01/18, VER-04, MESH-10, RT-XTYPE-03, GW-DEF-09.
///
/// ```
/// use gatewright::resolve::Controller;
/// use gatewright::vocab::Release;
///
/// let controller = Controller::named("example.com/gateway").with_bundle("v1.4-standard".parse()?);
/// assert!(controller.owns("example.com/gateway") && !controller.owns("example.com/Gateway"));
/// assert_eq!(controller.bundle().release, Release::V1_4);
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
#[derive(Clone, Debug)]
pub struct Controller {
    name: Option<Box<str>>,
    bundle: Bundle,
    features: Features,
    certificates: Arc<dyn CertificateReader>,
    data_plane: Arc<dyn DataPlane>,
    parameters: BTreeSet<(Box<str>, Box<str>)>,
    extensions: BTreeSet<(Box<str>, Box<str>)>,
    mesh_name: Option<Box<str>>,
    exclusive_hostnames: Option<bool>,
    shows_refused_defaults: bool,
}

impl Default for Controller {
    fn default() -> Self {
        Controller {
            name: None,
            bundle: Bundle::default(),
            features: Features::default(),
            certificates: Arc::new(PemSyntax),
            data_plane: Arc::new(IdealDataPlane),
            parameters: BTreeSet::new(),
            extensions: BTreeSet::new(),
            mesh_name: None,
            exclusive_hostnames: None,
            shows_refused_defaults: true,
        }
    }
}

impl Controller {
    /// The controller of this name; classes and meshes of other names are left alone.
    pub fn named(name: impl Into<Box<str>>) -> Self {
        Controller {
            name: Some(name.into()),
            ..Controller::default()
        }
    }

    /// The same by the rules of another bundle. In a standard channel, experimental fields are ignored (VER-04).
    pub fn with_bundle(mut self, bundle: Bundle) -> Self {
        self.bundle = bundle;
        self
    }

    /// The same with these features.
    pub fn with_features(mut self, features: Features) -> Self {
        self.features = features;
        self
    }

    /// The same with another reader of certificates.
    pub fn with_certificate_reader(mut self, reader: Arc<dyn CertificateReader>) -> Self {
        self.certificates = reader;
        self
    }

    /// The same with facts about the data plane.
    pub fn with_data_plane(mut self, data_plane: Arc<dyn DataPlane>) -> Self {
        self.data_plane = data_plane;
        self
    }

    /// The same, taking objects of this kind as `parametersRef` of classes, Gateways and meshes; their content is not
    /// looked at. Without any, every `parametersRef` is refused (GW-CLASS-05).
    pub fn with_parameters(
        mut self,
        group: impl Into<Box<str>>,
        kind: impl Into<Box<str>>,
    ) -> Self {
        self.parameters.insert((group.into(), kind.into()));
        self
    }

    /// The same, taking objects of this kind as `extensionRef` of filters. Without any, every `extensionRef` is
    /// unresolved (RT-COND-12).
    pub fn with_extension(mut self, group: impl Into<Box<str>>, kind: impl Into<Box<str>>) -> Self {
        self.extensions.insert((group.into(), kind.into()));
        self
    }

    /// The same, wanting an XMesh of this name for itself (XMESH-05); see [`Resolution::mesh`](super::Resolution::mesh).
    pub fn with_mesh(mut self, name: impl Into<Box<str>>) -> Self {
        self.mesh_name = Some(name.into());
        self
    }

    /// The same, with HTTPRoutes and GRPCRoutes on one listener that share a hostname excluding each other or not. Unless
    /// said otherwise they do up to v1.5 (RT-XTYPE-03).
    pub fn with_exclusive_hostnames(mut self, exclusive: bool) -> Self {
        self.exclusive_hostnames = Some(exclusive);
        self
    }

    /// The same, with or without status entries that say that a default Gateway does not take a Route; with, unless said
    /// otherwise (GW-DEF-09).
    pub fn with_refused_defaults_shown(mut self, shown: bool) -> Self {
        self.shows_refused_defaults = shown;
        self
    }

    /// The name; `None` owns every class, each under its own controller name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether an object of this `controllerName` is ours: compared byte by byte (GW-CLASS-01). An empty name is nobody's.
    pub fn owns(&self, controller_name: &str) -> bool {
        !controller_name.is_empty()
            && self
                .name
                .as_deref()
                .is_none_or(|name| name == controller_name)
    }

    /// The bundle whose rules hold.
    pub fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// The release whose rules hold.
    pub fn release(&self) -> Release {
        self.bundle.release
    }

    /// Whether experimental fields count (VER-04).
    pub fn is_experimental(&self) -> bool {
        self.bundle.channel == Channel::Experimental
    }

    /// The features.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The reader of certificates.
    pub fn certificate_reader(&self) -> &dyn CertificateReader {
        &*self.certificates
    }

    /// The same, to be shared.
    pub(super) fn shared_certificate_reader(&self) -> Arc<dyn CertificateReader> {
        Arc::clone(&self.certificates)
    }

    /// The facts about the data plane.
    pub fn data_plane(&self) -> &dyn DataPlane {
        &*self.data_plane
    }

    /// Whether objects of this kind may be parameters.
    pub fn takes_parameters(&self, group: &str, kind: &str) -> bool {
        holds(&self.parameters, group, kind)
    }

    /// Whether objects of this kind may be filters.
    pub fn takes_extension(&self, group: &str, kind: &str) -> bool {
        holds(&self.extensions, group, kind)
    }

    /// The name of the XMesh that it wants for itself.
    pub fn mesh_name(&self) -> Option<&str> {
        self.mesh_name.as_deref()
    }

    /// Whether HTTPRoutes and GRPCRoutes that share a hostname on a listener exclude each other (RT-XTYPE-03).
    pub fn has_exclusive_hostnames(&self) -> bool {
        self.exclusive_hostnames
            .unwrap_or(self.bundle.release < Release::V1_6)
    }

    /// Whether a default Gateway that does not take a Route says so in the Route's status.
    pub fn shows_refused_defaults(&self) -> bool {
        self.shows_refused_defaults
    }
}

fn holds(kinds: &BTreeSet<(Box<str>, Box<str>)>, group: &str, kind: &str) -> bool {
    kinds.iter().any(|(g, k)| **g == *group && **k == *kind)
}
