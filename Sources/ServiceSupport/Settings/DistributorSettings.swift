/// The write path.
public struct DistributorSettings: Sendable, Equatable {
    /// Key `distributor.maxRequestSize`: bytes of a body as it arrives.
    public var maxRequestSize = ByteCount.mebibytes(32)
    /// Key `distributor.maxDecodedSize`: bytes of a body after decompression.
    public var maxDecodedSize = ByteCount.mebibytes(100)
    /// Key `distributor.pushTimeout`.
    public var pushTimeout = Duration.seconds(5)
    /// Key `distributor.maxInflightRequests`.
    public var maxInflightRequests = 2000

    static let keys = [
        ConfigurationKey(
            "distributor.maxRequestSize",
            \.distributor.maxRequestSize,
            .byteCount(ByteCount(bytes: 1024)...ByteCount.mebibytes(1024)),
            for: [.engram, .distributor],
            "Largest body of a write request, as it arrives (compressed)."
        ),
        ConfigurationKey(
            "distributor.maxDecodedSize",
            \.distributor.maxDecodedSize,
            .byteCount(ByteCount(bytes: 1024)...ByteCount.mebibytes(1024)),
            for: [.engram, .distributor],
            "Largest body of a write request after decompression."
        ),
        ConfigurationKey(
            "distributor.pushTimeout",
            \.distributor.pushTimeout,
            .duration(.milliseconds(100)...Duration.seconds(300)),
            for: [.engram, .distributor],
            "How long a write waits for a quorum of ingesters before it answers 503."
        ),
        ConfigurationKey(
            "distributor.maxInflightRequests",
            \.distributor.maxInflightRequests,
            .integer(1...1_000_000),
            for: [.engram, .distributor],
            """
            Write requests that are received and worked on at once; with one more, it answers 503 and \
            says when to come again.
            """
        ),
    ]
}
