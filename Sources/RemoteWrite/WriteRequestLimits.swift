/// Bounds of one write request, whoever sends it.
public struct WriteRequestLimits: Sendable, Equatable {
    /// Bytes of the decompressed body.
    public var maximumBodySize = 100 << 20
    /// Rows; 20 bytes of memory each.
    public var maximumSeries = 1 << 20
    /// Samples of all series together; 16 bytes of memory each.
    public var maximumSamples = 1 << 21
    /// Exemplars of all series together that are decoded; more are counted and dropped.
    public var maximumExemplars = 1 << 16
    /// Metadata entries that are decoded; more are counted and dropped.
    public var maximumMetadata = 1 << 16
    /// Labels of one series whose labels have to be put in order or together; tenants' own limits are far lower.
    public var maximumLabels = 4096
    /// Symbols of a 2.0 request; 12 bytes of memory each.
    public var maximumSymbols = 1 << 21
    /// Bytes of the label bytes of all series that are put together from symbols, however small the body is.
    public var maximumKeyBytes = 64 << 20

    public init() {}
}
