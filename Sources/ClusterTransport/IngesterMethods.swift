internal import GRPCCore
internal import MetricsModel

/// The names of the calls, the same on both ends.
enum IngesterMethods {
    private static let service = ServiceDescriptor(fullyQualifiedService: "engram.Ingester")

    /// Both ways: ``PushMessage`` there, ``PushReply`` back, in any order.
    static let write = MethodDescriptor(service: service, method: "Write")
    /// ``SelectMessage`` there, lists of series back; the others likewise.
    static let select = MethodDescriptor(service: service, method: "Select")
    static let series = MethodDescriptor(service: service, method: "Series")
    static let labelNames = MethodDescriptor(service: service, method: "LabelNames")
    static let labelValues = MethodDescriptor(service: service, method: "LabelValues")
    static let exemplars = MethodDescriptor(service: service, method: "Exemplars")
    /// ``SelectMessage`` with the metric as its label.
    static let metadata = MethodDescriptor(service: service, method: "Metadata")
    /// ``SelectMessage`` without matchers; the answer is an empty list once all is stored.
    static let storeSamples = MethodDescriptor(service: service, method: "StoreSamples")
    /// ``SelectMessage`` there, ``SeriesPieceMessage`` back, the last of which says that it is.
    static let streamSeries = MethodDescriptor(service: service, method: "StreamSeries")
    static let countedSeries = MethodDescriptor(service: service, method: "CountedSeries")
    /// ``SelectMessage`` without matchers, whose range begins when nobody unknown had left; a list of one number.
    static let wholeSince = MethodDescriptor(service: service, method: "WholeSince")

    /// Repeats the tenant of a read for whatever stands between the two ends; where it is there, it must be
    /// the message's.
    static let tenantHeader = "x-scope-orgid"
    /// A ``RemoteFailure`` beside the status of a call that failed.
    static let failureHeader = "engram-failure-bin"

    /// What a read says beside its message.
    static func metadata(of tenant: TenantID) -> Metadata {
        var metadata = ProtocolVersion.metadata
        metadata.addString(tenant.name, forKey: tenantHeader)
        return metadata
    }
}
