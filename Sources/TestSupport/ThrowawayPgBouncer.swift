import Foundation

/// A pgbouncer in transaction mode before a ``ThrowawayPostgres``.
///
/// It has fewer connections to the server than a store has to it, so that transactions of one client run on
/// changing connections.
public final class ThrowawayPgBouncer: Sendable {
    public let port: Int
    private let process: TetheredProcess

    /// Why no test can have a pgbouncer here; nil where one can.
    public static var unavailableReason: String? {
        if let reason = ThrowawayPostgres.unavailableReason { return reason }
        return Command.find("pgbouncer") == nil ? "pgbouncer is not installed" : nil
    }

    /// - Parameter databaseURL: of a ``ThrowawayPostgres``.
    public init(databaseURL: String) throws {
        guard let program = Command.find("pgbouncer"),
            let database = URLComponents(string: databaseURL), let host = database.host
        else { throw TestSupportError(Self.unavailableReason ?? "\(databaseURL) is not a URL") }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-pgbouncer-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        port = try LoopbackPort.free()
        let users = folder.appendingPathComponent("users.txt")
        try "\"\(database.user ?? "")\" \"\(database.password ?? "")\"\n"
            .write(to: users, atomically: true, encoding: .utf8)
        let settings = """
            [databases]
            * = host=\(host) port=\(database.port ?? 5432)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = trust
            auth_file = \(users.path)
            pool_mode = transaction
            default_pool_size = 2
            max_client_conn = 500
            server_reset_query = discard all
            """
        let file = folder.appendingPathComponent("pgbouncer.ini")
        try settings.write(to: file, atomically: true, encoding: .utf8)
        if geteuid() == 0 { try Command.run(["chown", "-R", "postgres", folder.path]) }
        process = try TetheredProcess(
            command: ThrowawayPostgres.asPostgres([program, file.path]),
            folder: folder,
            stopSignal: "TERM"
        )
        try waitUntilReady(url(insteadOf: databaseURL))
    }

    deinit { process.stop() }

    /// The URL that reaches the same database through pgbouncer.
    public func url(insteadOf databaseURL: String) -> String {
        var parts = URLComponents(string: databaseURL)
        parts?.host = "127.0.0.1"
        parts?.port = port
        return parts?.string ?? databaseURL
    }

    private func waitUntilReady(_ url: String) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                try Command.run(["psql", "-X", "-q", "-d", url, "-c", "select 1"])
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(20_000)
            }
        }
    }
}
