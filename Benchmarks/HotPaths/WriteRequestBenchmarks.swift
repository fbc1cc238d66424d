import Benchmark
import MetricsModel
import RemoteWrite

/// What a distributor does with the bytes of a request.
enum WriteRequestBenchmarks {
    static func register() {
        decompress()
        scan()
        scanSymbols(hasStarts: false)
        scanSymbols(hasStarts: true)
        dropReplica(true)
        dropReplica(false)
    }

    /// Decompresses full requests.
    ///
    /// Expected: 49 ns a sample, 264 bytes of labels at 5.4 GB/s; more if labels repeat less.
    private static func decompress() {
        measure("Remote write: snappy, per 1000 samples") {
            (_, fixture: WriteRequestFixture) in
            for index in 0..<Workload.requestCount { try fixture.decompress(index) }
        } setup: {
            try WriteRequestFixture()
        }
    }

    /// Finds the samples of full requests and hashes the labels of each series.
    ///
    /// Expected: 38 ns a sample, nothing allocated.
    private static func scan() {
        measure("Remote write: scan and fingerprint, per 1000 samples") {
            (_, fixture: WriteRequestFixture) in
            for _ in 0..<Workload.requestCount { try fixture.scan() }
        } setup: {
            try WriteRequestFixture()
        }
    }
}

extension WriteRequestBenchmarks {
    /// Requests of a pair of senders: the replica label is taken off each key before it is hashed, or stays.
    ///
    /// Decompresses each time, because the keys are changed in place. Expected: 15 ns a sample between the two, for two
    /// labels that are looked at and 40 bytes that are moved; nothing allocated. Measured on a busy host: 33 ns at best, 56
    /// in the middle; nothing allocated.
    private static func dropReplica(_ drops: Bool) {
        let what = drops ? "dropped" : "kept"
        let title = "Remote write: snappy to fingerprint, replica label \(what)"
        measure("\(title), per 1000 samples") { (_, fixture: WriteRequestFixture) in
            for index in 0..<Workload.requestCount {
                try fixture.fingerprintPair(index, dropsReplica: drops)
            }
        } setup: {
            try WriteRequestFixture(replica: "prometheus-0")
        }
    }

    /// The same for remote write 2.0, whose labels are put together from symbols.
    ///
    /// Expected: 38 ns a sample as for 1.0, and 150 for the 264 bytes of ten labels that are put together; nothing
    /// allocated. Starts add a field, 5 ns. Measured is more, README.md has the figures.
    private static func scanSymbols(hasStarts: Bool) {
        let title = "Remote write 2.0: scan and fingerprint\(hasStarts ? " with starts" : "")"
        measure("\(title), per 1000 samples") { (_, fixture: WriteRequestFixture) in
            for _ in 0..<Workload.requestCount { try fixture.scanSymbols() }
        } setup: {
            try WriteRequestFixture(hasStarts: hasStarts)
        }
    }
}

/// Some full requests of different series, and the memory that a distributor would use again.
private final class WriteRequestFixture {
    private let limits = WriteRequestLimits()
    private let seed = TenantSeed(.anonymous)
    private let plain: [UInt8]
    /// The first request as remote write 2.0.
    private let symbols: [UInt8]
    private let compressed: [[UInt8]]
    private var buffer = ReusableBuffer()
    private var request = DecodedWriteRequest()
    private var fingerprints: [Fingerprint] = []

    /// - Parameters:
    ///   - hasStarts: Whether samples of 2.0 have start timestamps.
    ///   - replica: Value of the replica label of all series; nil for none.
    init(hasStarts: Bool = false, replica: String? = nil) throws {
        let encoders = (0..<10).map { request in
            var encoder = WriteRequestEncoder()
            for series in 0..<Workload.requestSize {
                let index = request * Workload.requestSize + series
                encoder.add(
                    SyntheticSeries.labels(index).setting("__replica__", to: replica ?? ""),
                    timestamp: Workload.start + Int64(series % 1000),
                    value: Double(index) / 4
                )
            }
            return encoder
        }
        plain = encoders[0].uncompressed
        symbols = SymbolRequest.body(hasStarts: hasStarts)
        compressed = encoders.map { $0.compressed() }
        fingerprints.reserveCapacity(Workload.requestSize)
    }

    func decompress(_ index: Int) throws {
        try compressed[index % compressed.count].withUnsafeBytes { bytes in
            try SnappyBlock.decompress(bytes, limit: limits.maximumBodySize, into: &buffer)
        }
        blackHole(buffer.count)
    }

    func fingerprintPair(_ index: Int, dropsReplica: Bool) throws {
        try decompress(index)
        try WriteRequestScanner.scan(buffer.bytes, limits: limits, into: &request)
        if dropsReplica { request.removeLabel(named: Self.replicaLabel, from: &buffer) }
        Self.hash(request, in: buffer.bytes, seed: seed, into: &fingerprints)
        blackHole(fingerprints)
    }

    private static let replicaLabel = Array("__replica__".utf8)

    /// Scans one request again and again: a body that was just decompressed is in the cache, too.
    func scan() throws {
        try plain.withUnsafeBytes { body in
            try WriteRequestScanner.scan(body, limits: limits, into: &request)
            Self.hash(request, in: body, seed: seed, into: &fingerprints)
        }
        blackHole(fingerprints)
    }

    func scanSymbols() throws {
        try symbols.withUnsafeBytes { body in
            try SymbolRequestScanner.scan(body, limits: limits, into: &request)
            Self.hash(request, in: body, seed: seed, into: &fingerprints)
        }
        blackHole(fingerprints)
    }

    private static func hash(
        _ request: DecodedWriteRequest,
        in body: UnsafeRawBufferPointer,
        seed: TenantSeed,
        into fingerprints: inout [Fingerprint]
    ) {
        fingerprints.removeAll(keepingCapacity: true)
        for row in request.rows.indices {
            fingerprints.append(
                request.withKey(ofRow: row, in: body) { Fingerprint(seed: seed, key: $0) }
            )
        }
    }
}
