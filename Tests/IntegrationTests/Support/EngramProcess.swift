import Foundation
import Glibc
import TestSupport

/// One of our processes with its folder and ports, which stay the same when it is started again.
final class EngramProcess {
    let executable: Executable
    let port: Int
    let folder: ScratchFolder
    /// Where an ingester keeps its log.
    private let dataDirectory: String
    private let arguments: [String]
    private let environment: [String: String]
    /// Goes before the command.
    private let prefix: [String]
    private var program: RunningProgram?

    /// Makes, but does not start it.
    init(
        _ executable: Executable,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        dataDirectory: String? = nil,
        prefix: [String] = []
    ) throws {
        self.executable = executable
        self.prefix = prefix
        self.environment = environment
        port = ServerPort.unused()
        folder = try ScratchFolder(executable.rawValue)
        self.dataDirectory = dataDirectory ?? folder.file("data")
        self.arguments = ["--http-listen", "127.0.0.1:\(port)"] + arguments
    }

    /// A process with all roles that is ready; its data is in its folder.
    static func single(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        dataDirectory: String? = nil
    ) throws -> EngramProcess {
        let process = try EngramProcess(
            .engram,
            ["--telemetry-self-monitoring-interval", "0"] + arguments,
            environment: environment,
            dataDirectory: dataDirectory
        )
        try process.start()
        return process
    }

    var isRunning: Bool { program?.isRunning ?? false }

    /// The end of what it logged.
    var log: String { folder.tail(of: "log") }

    func start() throws {
        try launch()
        try waitUntilReady()
    }

    /// Starts it without waiting until it is ready.
    func launch() throws {
        var arguments = arguments
        if executable == .engram || executable == .ingester {
            arguments += ["--data-directory", dataDirectory]
        }
        program = try RunningProgram(
            command: prefix + [try executable.path] + arguments,
            environment: environment,
            log: folder.file("log")
        )
    }

    func waitUntilReady(within seconds: Double = 60) throws {
        do {
            try eventually(within: seconds, "readiness") {
                guard isRunning else { throw TestSupportError("it has ended") }
                return (try? send(.get("/ready")))?.status == 200
            }
        } catch {
            throw TestSupportError("\(executable.rawValue): \(error): \(log)")
        }
    }

    /// As `kill -9`.
    func killNow() { program?.killNow() }

    func terminate() { program?.send(SIGTERM) }

    /// Stops it as a hanging machine would: connections stay, nothing is answered.
    func pause() { program?.send(SIGSTOP) }

    func resume() { program?.send(SIGCONT) }

    func interrupt() { program?.send(SIGINT) }

    func exitStatus(within seconds: Double = 60) throws -> Int32 {
        guard let program else { throw TestSupportError("it was never started") }
        return try program.exitStatus(within: seconds)
    }

    /// - Returns: the exit status after SIGTERM.
    func stop(within seconds: Double = 60) throws -> Int32 {
        terminate()
        return try exitStatus(within: seconds)
    }

    func residentSize() throws -> Int {
        guard let program else { throw TestSupportError("it was never started") }
        return try program.residentSize()
    }

    func send(_ request: HTTPRequest) throws -> HTTPAnswer {
        try HTTPConnection.send(request, port: port)
    }

    func queries(tenant: String? = nil) -> QueryClient { QueryClient(port: port, tenant: tenant) }

    /// Stores what is in memory as blocks.
    func flush() throws {
        let answer = try send(.post("/ingester/flush"))
        guard answer.isSuccess else {
            throw TestSupportError("flush: \(answer.status) \(answer.text)")
        }
    }

    /// The value of one of its own metrics, summed over its labels.
    func metric(_ name: String, where part: String = "") throws -> Double {
        let lines = try send(.get("/metrics")).text.split(separator: "\n")
        let own = lines.filter { line in
            line.hasPrefix(name + " ")
                || line.hasPrefix(name + "{") && (part.isEmpty || line.contains(part))
        }
        guard !own.isEmpty else { throw TestSupportError("no metric \(name)") }
        return own.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }
}
