public import Foundation
import Synchronization

/// A server that a test starts, and that ends with the test process, however that ends.
///
/// A shell stands between. It waits for the end of its standard input, which comes when this process dies,
/// stops the server by its process ID, and removes the server's folder.
public final class TetheredProcess: Sendable {
    /// Of the server, not of the shell.
    public let processID: Int32
    private let state: Mutex<State>

    private struct State {
        var shell: Process
        var input: FileHandle?
    }

    private static let script = """
        log=$1 signal=$2 folder=$3; shift 3
        "$@" >>"$log" 2>&1 </dev/null & child=$!
        echo $child; exec >/dev/null 2>&1
        word=; read -r word
        kill -s "$signal" $child; wait $child
        [ "$word" = keep ] || rm -rf -- "$folder"
        """

    /// - Parameters:
    ///   - folder: removed when the process has ended.
    ///   - stopSignal: without `SIG`.
    public init(command: [String], folder: URL, stopSignal: String) throws {
        let shell = Process()
        let input = Pipe()
        let output = Pipe()
        // Another child of ours must not hold the pipe open.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        shell.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        let log = folder.appendingPathComponent("server.log").path
        shell.arguments =
            ["/bin/sh", "-c", Self.script, "sh", log, stopSignal, folder.path] + command
        shell.currentDirectoryURL = URL(fileURLWithPath: "/")
        shell.standardInput = input
        shell.standardOutput = output
        try shell.runWithAllSignals()
        let line = output.fileHandleForReading.availableData
        guard let text = String(bytes: line, encoding: .utf8),
            let processID = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { throw TestSupportError("\(command[0]) did not start") }
        self.processID = processID
        state = Mutex(State(shell: shell, input: input.fileHandleForWriting))
    }

    /// Stops the server with `signal`, or with the one given at the start, and waits for its end.
    public func stop(signal: Int32? = nil, keepingFolder: Bool = false) {
        state.withLock { state in
            guard let input = state.input else { return }
            if let signal { kill(processID, signal) }
            if keepingFolder { try? input.write(contentsOf: Data("keep\n".utf8)) }
            try? input.close()
            state.input = nil
            state.shell.waitUntilExit()
        }
    }
}

extension Process {
    /// Starts the program with no signal blocked.
    ///
    /// Threads of Swift's pool block most signals, and a child inherits that: it could not be told to stop, nor
    /// learn that a child of its own has ended.
    func runWithAllSignals() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}

/// What a test needs and cannot have.
public struct TestSupportError: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
