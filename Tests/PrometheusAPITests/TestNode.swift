import ClusterInterface
import Distribution
import HTTPTypes
import HashRing
import Hummingbird
import HummingbirdTesting
import Ingestion
import Logging
import MetricsModel
import NIOCore
import PromQL
import Querying
import RemoteWrite
import Synchronization

@testable import PrometheusAPI

/// All roles in one process, over a log and a store in memory, behind the router of the HTTP server.
struct TestNode: RingView, IngesterDirectory {
    /// What the clocks say.
    static let now: Int64 = 1_700_000_000_000

    let ingester: Ingester
    let store: MemoryStore
    let limits: LimitsTable
    private let targets: WriteTargets
    /// Pairs of senders.
    private let tracker: HATracker

    init(
        life: MemberLife = .active,
        limits: LimitsTable = LimitsTable(),
        elections: any HATrackerStore = MemoryElectionStore()
    ) {
        tracker = HATracker(store: elections)
        let store = MemoryStore()
        let ingester = Ingester(
            settings: IngestionSettings(),
            limits: limits,
            log: MemoryLog(),
            store: store,
            workers: InlineWorkers(),
            now: { Self.now }
        )
        ingester.setLife(life)
        self.limits = limits
        self.ingester = ingester
        self.store = store
        let member = RingMember(
            instance: "one",
            address: "",
            state: .active,
            tokens: [UInt32.max]
        )
        targets = WriteTargets(ring: HashRing(members: [member]) { _ in true }) { _ in ingester }
    }

    /// - Parameter maximumExemplars: Kept of each tenant.
    init(maximumExemplars: Int) {
        var limits = TenantLimits()
        limits.maxExemplars = maximumExemplars
        self.init(limits: LimitsTable(defaults: limits))
    }

    func current() -> WriteTargets { targets }

    func readers() -> ReadSet {
        ReadSet(only: "one", client: ingester)
    }

    /// Runs the body with a client of the node's HTTP interface.
    func serve(
        authentication: Authentication = .none(.anonymous),
        maximumBodySize: Int = 1 << 20,
        change: (inout QueryingSettings) -> Void = { _ in },
        _ body: @Sendable @escaping (Client) async throws -> Void
    ) async throws {
        var settings = DistributorSettings()
        settings.replicationFactor = 1
        var querying = QueryingSettings()
        change(&querying)
        var parts = HTTPServer.Parts(operations: Self.operations)
        let distributor = Distributor(settings: settings, ring: self, tracker: tracker)
        parts.discards = DiscardsAPI(distributor: distributor, authentication: authentication)
        parts.haTracker = HATrackerAPI(distributor: distributor, now: { Self.now })
        parts.push = PushAPI(
            distributor: distributor,
            authentication: authentication,
            limits: limits,
            maximumBodySize: maximumBodySize,
            now: { Self.now }
        )
        parts.query = QueryAPI(
            querier: Querier(
                settings: querying,
                directory: self,
                store: store,
                workers: InlineWorkers()
            ),
            authentication: authentication,
            limits: limits,
            version: "1.2.3",
            workers: InlineWorkers(),
            now: { Self.now }
        )
        parts.catalog = CatalogAPI(
            catalog: store,
            authentication: authentication,
            now: { Self.now }
        )
        parts.ingester = IngesterAPI(ingester: ingester, control: nil)
        parts.ring = RingAPI {
            [
                RingMember(
                    instance: "one",
                    address: "h:1",
                    httpAddress: "http://h:2",
                    zone: "z\"",
                    state: .active,
                    tokens: [1, 2],
                    heartbeatAge: 5
                )
            ]
        }
        parts.limits = LimitsAPI(authentication: authentication) { tenant, onlyOverrides in
            let own = [LimitsAPI.Limit("of", .text(tenant.name), source: "api")]
            guard !onlyOverrides else { return LimitsAPI.Shown(own, version: 7) }
            return LimitsAPI.Shown(
                own + [.init("a_number", .number(7)), .init("a_list", .list(["x", "y\""]))]
            )
        }
        let server = HTTPServer(
            parts: parts,
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test")
        )
        let application = Application(router: server.router())
        try await application.test(.router) { try await body(Client(client: $0)) }
    }

    private static let operations = OperationsAPI(
        title: "A test",
        links: [.init("/x", "an example")],
        sources: .init(
            metrics: { "a_metric 1\n" },
            readiness: { (false, "not yet\n") },
            configuration: { "key: value\n" },
            overrides: { $0 ? "overrides: {}\n" : "overrides:\n  a:\n    lateWindow: 24h\n" }
        )
    )
}

/// Asks the node over HTTP.
struct Client: Sendable {
    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPFields
        var body: String
    }

    let client: any TestClientProtocol

    func get(_ uri: String, tenant: String? = nil) async throws -> Answer {
        try await send(.get, uri, tenant: tenant)
    }

    /// A form body.
    func post(_ uri: String, _ form: String = "", tenant: String? = nil) async throws -> Answer {
        try await send(.post, uri, tenant: tenant, body: ByteBuffer(string: form)) {
            $0[.contentType] = "application/x-www-form-urlencoded"
        }
    }

    /// A remote-write request.
    func push(
        _ series: [(Labels, [(Int64, Double)])],
        to path: String = "/api/v1/push",
        tenant: String? = nil
    ) async throws -> Answer {
        var request = WriteRequestEncoder()
        for (labels, samples) in series {
            request.add(labels, samples.map { Sample(timestamp: $0.0, value: $0.1) })
        }
        return try await send(
            .post,
            path,
            tenant: tenant,
            body: ByteBuffer(bytes: request.compressed())
        ) {
            $0[.contentType] = "application/x-protobuf"
            $0[.contentEncoding] = "snappy"
        }
    }

    func send(
        _ method: HTTPRequest.Method,
        _ uri: String,
        tenant: String? = nil,
        body: ByteBuffer? = nil,
        _ change: (inout HTTPFields) -> Void = { _ in }
    ) async throws -> Answer {
        var headers = HTTPFields()
        if let tenant, let name = HTTPField.Name("X-Scope-OrgID") { headers[name] = tenant }
        change(&headers)
        return try await client.execute(uri: uri, method: method, headers: headers, body: body) {
            Answer(
                status: $0.status.code,
                headers: $0.headers,
                body: String(buffer: $0.body)
            )
        }
    }
}

/// Does the work where it is asked for.
struct InlineWorkers: WorkerPool {
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}

/// A log that forgets everything.
final class MemoryLog: SampleLog {
    private let sequence = Mutex<UInt64>(0)

    var currentSegment: UInt64 { 1 }

    var hasRoom: Bool { true }

    var failureReason: String? { nil }

    func append(
        _ record: [UInt8],
        definitionsSize: Int,
        encodedFor segment: UInt64
    ) -> LogTicket? {
        sequence.withLock { sequence in
            sequence += 1
            return LogTicket(sequence: sequence)
        }
    }

    func waitUntilDurable(_ ticket: LogTicket) async throws {}

    @discardableResult
    func rotate() -> LogTicket { LogTicket(sequence: sequence.withLock { $0 }) }

    func removeSegments(below segment: UInt64) {}

    func restart() throws {}
}

/// A store in memory that can be away.
final class MemoryStore: BlockStore, BlockCatalog {
    private let state = Mutex((blocks: [NewBlock](), isAway: false))

    var blockCount: Int { state.withLock { $0.blocks.count } }

    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    func publish(_ block: NewBlock) async throws -> Bool {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            state.blocks.append(block)
            return true
        }
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            return state.blocks.map(\.record)
                .filter { $0.tenant == tenant && $0.range.overlaps(range) }
        }
    }

    func tenantsWithBlocks(after tenant: TenantID?, limit: Int) async throws -> [TenantID] {
        state.withLock { state in
            Set(state.blocks.map(\.record.tenant)).sorted()
                .filter { one in tenant.map { $0 < one } ?? true }
        }
    }

    func metrics(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [BlockMetrics] {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            return state.blocks
                .filter { $0.record.tenant == tenant && $0.record.range.overlaps(range) }
                .map { BlockMetrics(range: $0.record.range, metrics: $0.metrics) }
        }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try state.withLock { state in
            guard let found = state.blocks.first(where: { $0.record == block }) else {
                throw StoreError.missing("block \(block.id)")
            }
            return ranges.map { Array(found.body[$0]) }
        }
    }
}
