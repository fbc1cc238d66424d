import ChunkCoding
import ClusterInterface
import GRPCCore
import GRPCNIOTransportHTTP2
import MetricsModel
import Synchronization
import Testing

@testable import ClusterTransport

/// Series that are sent in order of their fingerprints, piece by piece.
@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    private static let request = SelectRequest.everything(of: .anonymous)

    @Test(arguments: [0, 1, 2, 30])
    func `pieces come as they were sent`(count: Int) async throws {
        let pieces = Self.pieces(count)
        let ingester = StreamingIngester { take in
            for piece in pieces { try await take(piece) }
        }
        try await Loopback.withPair(ingester) { client, _ in
            let found = try await Self.received(client)
            #expect(found == pieces)
        }
    }

    @Test func `an ingester that fails in the middle has not answered`() async throws {
        let pieces = Self.pieces(5)
        let ingester = StreamingIngester { take in
            for piece in pieces { try await take(piece) }
            throw IngesterError.notAcceptingReads(state: "leaving")
        }
        try await Loopback.withPair(ingester) { client, _ in
            await #expect(throws: IngesterError.notAcceptingReads(state: "leaving")) {
                _ = try await Self.received(client)
            }
        }
    }

    @Test func `an ingester waits while its client takes nothing`() async throws {
        // Of 512 KiB each; the windows of both ends hold 8 MiB.
        let piece = Self.piece(1, size: 512 << 10)
        let count = 200
        let made = Tally()
        let gate = Gate()
        let first = Event()
        let taken = Tally()
        let ingester = StreamingIngester { take in
            for _ in 0..<count {
                made.increment()
                try await take(piece)
            }
        }
        try await Loopback.withPair(ingester) { client, _ in
            let reading = Task {
                try await client.streamSeries(Self.request) { _ in
                    first.signal()
                    await gate.wait()
                    taken.increment()
                }
            }
            await first.wait()
            // Until nothing has been made for a while.
            var before = -1
            while before != made.count {
                before = made.count
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(before < 60, "\(before) pieces were made that nobody took")
            gate.open()
            try await reading.value
            #expect(made.count == count)
            #expect(taken.count == count)
        }
    }

    @Test func `a cancelled read ends the ingester's work in the middle`() async throws {
        let piece = Self.piece(1, size: 512 << 10)
        let ended = Event()
        let first = Event()
        let ingester = StreamingIngester { take in
            defer { ended.signal() }
            // Without an end: only cancellation ends it.
            while true { try await take(piece) }
        }
        try await Loopback.withPair(ingester) { client, _ in
            let reading = Task {
                try await client.streamSeries(Self.request) { _ in first.signal() }
            }
            await first.wait()
            let begun = ContinuousClock.now
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
            await ended.wait()
            #expect(ContinuousClock.now - begun < .seconds(2))
        }
    }

    @Test func `what the taker throws ends the call with it, and the ingester's work`()
        async throws
    {
        struct Enough: Error {}
        let piece = Self.piece(1, size: 512 << 10)
        let ended = Event()
        let ingester = StreamingIngester { take in
            defer { ended.signal() }
            while true { try await take(piece) }
        }
        try await Loopback.withPair(ingester) { client, _ in
            await #expect(throws: Enough.self) {
                try await client.streamSeries(Self.request) { _ in throw Enough() }
            }
            await ended.wait()
        }
    }

    @Test func `an ingester of the version before is asked for its list`() async throws {
        let series = (0..<100).map {
            SelectedSeries(labels: ["n": "\($0)"], chunks: [.encode([1], [Double($0)])])
        }
        try await Self.withOtherServer([
            .init(IngesterMethods.select) { writer in
                try await writer.write(Payload(ListMessage(series)))
            }
        ]) { client in
            let pieces = try await Self.received(client)
            let fingerprints = pieces.flatMap(\.fingerprints)
            #expect(fingerprints == fingerprints.sorted())
            #expect(pieces.reduce(0) { $0 + $1.count } == series.count)
            let labels = pieces.flatMap { piece in (0..<piece.count).map { piece.labels(at: $0) } }
            #expect(Set(labels) == Set(series.map(\.labels)))
        }
    }

    @Test func `a client of the version before is answered with the list`() async throws {
        let series = [SelectedSeries(labels: ["a": "b"], chunks: [.encode([1], [2])])]
        try await Loopback.withPair(FakeIngester(select: { _ in series })) { client, _ in
            let found = try await client.select(Self.request)
            #expect(found.map(\.labels) == series.map(\.labels))
            #expect(found.map(\.chunks) == series.map(\.chunks))
        }
    }

    @Test(arguments: [
        // No last piece: the stream broke off, though it ended without an error.
        [(count: 2, total: UInt64(2), isLast: false)],
        [],
        // A piece is missing.
        [(2, 2, false), (1, 4, true)],
        // Something comes after the last.
        [(2, 2, true), (1, 3, true)],
        [(1, .max, true)],
    ])
    func `an answer that is not whole is refused`(
        messages: [(count: Int, total: UInt64, isLast: Bool)]
    ) async throws {
        try await Self.withOtherServer([
            .init(IngesterMethods.streamSeries) { writer in
                for (count, total, isLast) in messages {
                    let piece = Self.joined(Self.pieces(count))
                    try await writer.write(
                        Payload(SeriesPieceMessage(piece, isLast: isLast, total: total))
                    )
                }
            }
        ]) { client in
            await #expect(throws: TransportError.self) { _ = try await Self.received(client) }
        }
    }

    @Test func `damaged pieces are refused, whatever is damaged`() throws {
        let message = SeriesPieceMessage(Self.joined(Self.pieces(3)), isLast: true, total: 3)
        let bytes = message.encoded()
        #expect(try SeriesPieceMessage(decoding: bytes) == message)
        for size in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try SeriesPieceMessage(decoding: Array(bytes.prefix(size)))
            }
        }
        #expect(throws: WireError.self) { try SeriesPieceMessage(decoding: bytes + [0]) }
        // Each byte before the items, in turn: refused, or a message that can be gone through.
        for offset in 4..<bytes.count {
            var damaged = bytes
            damaged[offset] ^= 0xff
            guard let found = try? SeriesPieceMessage(decoding: damaged) else { continue }
            for index in 0..<found.series.count {
                _ = try? found.series.check(index, seed: TenantSeed(.anonymous))
            }
        }
    }

    @Test func `the bytes of a piece stay as they are`() throws {
        var piece = PackedSeries()
        piece.append(
            Fingerprint(high: 1, low: 0x102),
            SelectedSeries(
                labels: ["a": "b"],
                chunks: [.init(minTime: -1, maxTime: 2, count: 3, bytes: [7, 8])]
            )
        )
        let golden: [UInt8] = [
            1, 11, 0, 0,
            1,
            9, 0, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 42, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0,
            42, 0, 0, 0,
            8, 0, 0, 0, 10, 6, 10, 1, 97, 18, 1, 98,
            1, 0, 0, 0,
            255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 0, 0, 0,
            3, 0, 0, 0, 2, 0, 0, 0, 7, 8,
        ]
        let message = SeriesPieceMessage(piece, isLast: true, total: 9)
        #expect(message.encoded() == golden)
        #expect(try SeriesPieceMessage(decoding: golden) == message)
    }

    // MARK: Fixtures

    private static func received(_ client: RemoteIngesterClient) async throws -> [PackedSeries] {
        let found = Mutex<[PackedSeries]>([])
        try await client.streamSeries(request) { piece in found.withLock { $0.append(piece) } }
        return found.withLock { $0 }
    }

    private static func piece(_ number: UInt64, size: Int) -> PackedSeries {
        var piece = PackedSeries()
        piece.append(
            Fingerprint(high: number, low: 0),
            SelectedSeries(
                labels: ["a": "\(number)"],
                chunks: [
                    .init(
                        minTime: 0,
                        maxTime: 1,
                        count: 2,
                        bytes: [UInt8](repeating: 7, count: size)
                    )
                ]
            )
        )
        return piece
    }

    private static func pieces(_ count: Int) -> [PackedSeries] {
        (0..<UInt64(count)).map { piece($0, size: 100) }
    }

    private static func joined(_ pieces: [PackedSeries]) -> PackedSeries {
        var all = PackedSeries()
        for piece in pieces { all.append(0, of: piece) }
        return all
    }

    /// One method of a server that is not ours.
    struct OtherMethod: RegistrableRPCService {
        let method: MethodDescriptor
        let answer: @Sendable (RPCWriter<Payload>) async throws -> Void

        init(
            _ method: MethodDescriptor,
            answer: @escaping @Sendable (RPCWriter<Payload>) async throws -> Void
        ) {
            self.method = method
            self.answer = answer
        }

        func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
            router.registerHandler(
                forMethod: method,
                deserializer: PayloadCoder(),
                serializer: PayloadCoder()
            ) { request, _ in
                StreamingServerResponse { writer in
                    for try await _ in request.messages {}
                    try await answer(writer)
                    return [:]
                }
            }
        }
    }

    private static func withOtherServer(
        _ methods: [OtherMethod],
        _ body: (RemoteIngesterClient) async throws -> Void
    ) async throws {
        let server = GRPCServer(
            transport: HTTP2ServerTransport.Posix(
                address: .ipv4(host: "127.0.0.1", port: 0),
                transportSecurity: .plaintext
            ),
            services: methods
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            let address = try #require(try await server.transport.listeningAddress.ipv4)
            try await Loopback.withClient(of: "\(address.host):\(address.port)", body)
            server.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }
}

/// Counts what several tasks do.
private final class Tally: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func increment() { state.withLock { $0 += 1 } }
}

/// An ingester with one answer to everybody.
private struct StreamingIngester: IngesterClient {
    typealias Take = @Sendable (PackedSeries) async throws -> Void

    let stream: @Sendable (@escaping Take) async throws -> Void

    func streamSeries(_ request: SelectRequest, _ take: @escaping Take) async throws {
        try await stream(take)
    }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer { WriteAnswer() }
    func select(_ request: SelectRequest) async throws -> [SelectedSeries] { [] }
    func series(_ request: SelectRequest) async throws -> [Labels] { [] }
    func labelNames(_ request: SelectRequest) async throws -> [String] { [] }
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] { [] }
    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] { [] }
    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { [] }
}
