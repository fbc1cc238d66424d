import Foundation
import Synchronization

/// A PostgreSQL for tests.
///
/// Either a cluster of its own in a temporary folder, on a free port of 127.0.0.1, which is gone after the
/// tests, or the server that the environment variable `ENGRAM_TEST_POSTGRES_URL` names (its role must be able to
/// create databases, and `psql` must be installed).
public final class ThrowawayPostgres: Sendable {
    /// The one that the tests of a process share, unless they need to stop it.
    public static let shared = Result { try ThrowawayPostgres.forThisRun() }

    /// Why no test can have a PostgreSQL here; nil where one can.
    public static let unavailableReason: String? = {
        if environmentURL != nil { return nil }
        return binaries == nil
            ? "PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/initdb)" : nil
    }()

    /// An ordinary role, so that row-level security binds it; it owns the databases.
    public static let role = "engram"

    /// With the database `postgres`.
    private let baseURL: String
    private let cluster: Cluster?
    private let databaseCount = Mutex(0)

    private struct Cluster: Sendable {
        var folder: URL
        var port: Int
        var settings: [String]
        var server: ServerSlot
    }

    /// Starts a cluster of its own, which a test may stop and start.
    ///
    /// - Parameter settings: `name=value` each, instead of those that make tests fast and a crash of the machine
    ///   deadly.
    public static func start(settings: [String] = []) throws -> ThrowawayPostgres {
        var failure: any Error = TestSupportError("PostgreSQL is not installed")
        // Another process may take the port before the server does.
        for _ in 0..<3 {
            do {
                let port = try LoopbackPort.free()
                let folder = try initialize()
                let cluster = Cluster(
                    folder: folder,
                    port: port,
                    settings: settings,
                    server: ServerSlot()
                )
                let url = "postgres://\(role)@127.0.0.1:\(port)/postgres"
                let postgres = ThrowawayPostgres(baseURL: url, cluster: cluster)
                try postgres.startAgain()
                try postgres.createRole()
                return postgres
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func forThisRun() throws -> ThrowawayPostgres {
        guard let environmentURL else { return try start() }
        return ThrowawayPostgres(baseURL: environmentURL, cluster: nil)
    }

    private init(baseURL: String, cluster: Cluster?) {
        self.baseURL = baseURL
        self.cluster = cluster
    }

    deinit { cluster?.server.stop(signal: SIGQUIT, keepingFolder: false) }

    /// Of the server; nil where the environment chose it.
    public var port: Int? { cluster?.port }

    /// Makes an empty database.
    ///
    /// - Returns: the URL to connect to it as ``role``.
    public func freshDatabase() throws -> String {
        let number = databaseCount.withLock { count in
            count += 1
            return count
        }
        let name = "engram_test_\(getpid())_\(number)"
        // A server that stays may have one of an earlier process with our number.
        if cluster == nil { try query("drop database if exists \(name)", url: baseURL) }
        try query("create database \(name)", url: baseURL)
        return try url(ofDatabase: name)
    }

    /// Runs SQL with `psql`; rows are lines, columns separated by `|`.
    @discardableResult
    public func query(_ sql: String, url: String) throws -> String {
        let psql = Self.binaries.map { $0 + "/psql" } ?? "psql"
        return try Command.run([
            psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql,
        ])
        .trimmingCharacters(in: .newlines)
    }

    /// Ends the server at once, as a crash would.
    ///
    /// Only for a cluster of one's own.
    public func stopImmediately() {
        cluster?.server.stop(signal: SIGQUIT, keepingFolder: true)
    }

    /// Starts the server and waits until it answers.
    public func startAgain() throws {
        guard let cluster, let binaries = Self.binaries else {
            throw TestSupportError("the server is not ours")
        }
        let data = cluster.folder.appendingPathComponent("data").path
        let settings =
            [
                "port=\(cluster.port)", "listen_addresses=127.0.0.1",
                "unix_socket_directories=\(cluster.folder.path)", "fsync=off",
                "full_page_writes=off", "shared_buffers=64MB",
                "max_connections=200", "autovacuum=off",
            ] + cluster.settings
        let command = Self.asPostgres([binaries + "/postgres", "-D", data])
        let process = try TetheredProcess(
            command: command + settings.flatMap { ["-c", $0] },
            folder: cluster.folder,
            stopSignal: "QUIT"
        )
        cluster.server.set(process)
        try waitUntilReady(cluster, binaries: binaries)
    }

    private func waitUntilReady(_ cluster: Cluster, binaries: String) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let ready = try? Command.run([
                binaries + "/pg_isready", "-q", "-h", "127.0.0.1", "-p", "\(cluster.port)",
            ])
            if ready != nil { return }
            guard kill(cluster.server.processID, 0) == 0 else { break }
            usleep(20_000)
        }
        let log = cluster.folder.appendingPathComponent("server.log")
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        cluster.server.stop(signal: SIGQUIT, keepingFolder: false)
        throw TestSupportError("PostgreSQL does not start: \(text.suffix(2000))")
    }

    private func createRole() throws {
        guard let cluster else { return }
        try query(
            "create role \(Self.role) login createdb",
            url: "postgres://postgres@127.0.0.1:\(cluster.port)/postgres"
        )
    }

    private func url(ofDatabase name: String) throws -> String {
        guard var parts = URLComponents(string: baseURL) else {
            throw TestSupportError("ENGRAM_TEST_POSTGRES_URL is not a URL")
        }
        parts.path = "/" + name
        return parts.string ?? baseURL
    }

    /// Makes a folder with the files of an empty cluster.
    private static func initialize() throws -> URL {
        guard let binaries else { throw TestSupportError("PostgreSQL is not installed") }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-postgres-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        if geteuid() == 0 { try Command.run(["chown", "postgres", folder.path]) }
        let data = folder.appendingPathComponent("data").path
        try Command.run(
            asPostgres([
                binaries + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ])
        )
        return folder
    }

    /// PostgreSQL refuses to run as root.
    static func asPostgres(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] + command
    }

    private static let environmentURL = ProcessInfo.processInfo
        .environment["ENGRAM_TEST_POSTGRES_URL"]

    /// The folder of the newest server that is installed.
    private static let binaries: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap(Int.init).sorted(by: >)
            .map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
    }()
}

/// The server that runs now; a restart replaces it.
private final class ServerSlot: Sendable {
    private let process = Mutex<TetheredProcess?>(nil)

    var processID: Int32 { process.withLock { $0?.processID ?? -1 } }

    func set(_ new: TetheredProcess) { process.withLock { $0 = new } }

    func stop(signal: Int32, keepingFolder: Bool) {
        process.withLock { $0?.stop(signal: signal, keepingFolder: keepingFolder) }
    }
}
