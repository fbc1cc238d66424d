import Foundation
import Glibc
import TestSupport

/// A program that a test starts and watches; it ends with the test process, however that ends.
///
/// A shell stands between: it kills the program when its standard input closes, which happens when this process
/// dies, and ends with the program's own exit status.
final class RunningProgram {
    /// Of the program, not of the shell.
    let processID: Int32
    private let shell: Process
    /// Held open as long as the program may run.
    private let input: FileHandle

    private static let script = """
        log=$1; shift; exec 3<&0
        "$@" >>"$log" 2>&1 </dev/null 3<&- & child=$!
        echo $child; exec >/dev/null 2>&1
        { read -r word; kill -s KILL $child; } <&3 & watcher=$!
        wait $child; status=$?
        kill -s KILL $watcher
        exit $status
        """

    /// - Parameters:
    ///   - environment: added to a `PATH` and nothing else.
    ///   - log: file that gets standard output and standard error.
    init(command: [String], environment: [String: String] = [:], log: String) throws {
        let shell = Process()
        let input = Pipe()
        let output = Pipe()
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", Self.script, "sh", log] + command
        shell.currentDirectoryURL = URL(fileURLWithPath: "/")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        shell.environment = environment.merging(["PATH": path]) { given, _ in given }
        shell.standardInput = input
        shell.standardOutput = output
        try Self.runWithAllSignals(shell)
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let processID = Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw TestSupportError("\(command[0]) did not start")
        }
        self.processID = processID
        self.shell = shell
        self.input = input.fileHandleForWriting
    }

    deinit { killNow() }

    var isRunning: Bool { shell.isRunning }

    /// Ends the program as a crash would, and waits for its end.
    func killNow() {
        guard shell.isRunning else { return }
        kill(processID, SIGKILL)
        shell.waitUntilExit()
    }

    func send(_ signal: Int32) {
        if shell.isRunning { kill(processID, signal) }
    }

    /// The exit status, or 128 and the number of the signal that ended the program.
    func exitStatus(within seconds: Double) throws -> Int32 {
        try eventually(within: seconds, "the end of process \(processID)") { !shell.isRunning }
        return shell.terminationStatus
    }

    /// Resident memory in bytes.
    func residentSize() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kilobytes = line?.split(separator: " ").compactMap { Int($0) }.first
        guard let kilobytes else { throw TestSupportError("no VmRSS in \(status)") }
        return kilobytes * 1024
    }

    /// Threads of Swift's pool block most signals, and a child inherits that.
    private static func runWithAllSignals(_ process: Process) throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }
}
