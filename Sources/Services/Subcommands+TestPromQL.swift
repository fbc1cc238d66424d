internal import Glibc
internal import QueryScripts
internal import ServiceSupport

extension Subcommands {
    /// Runs scripts of the promqltest language and prints each case that fails.
    static func testPromQL(_ arguments: [String]) async -> ExitCode {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(testPromQLUsage)
            return .success
        }
        guard let (storages, paths) = testPromQLOptions(arguments), !paths.isEmpty else {
            StandardError.write(testPromQLUsage + "\n")
            return .usage
        }
        let runner = ScriptRunner(storages: storages)
        var passed = 0
        var failed = 0
        var allRead = true
        for path in paths {
            switch script(at: path) {
            case .success(let text):
                let report = await runner.run(text, name: path)
                for failure in report.failures { print(failure) }
                passed += report.passed
                failed += report.failed
            case .failure(let error):
                StandardError.write("engram test-promql: cannot read \(path): \(error.reason)\n")
                allRead = false
            }
        }
        print("\(passed) passed, \(failed) failed")
        return failed == 0 && allRead ? .success : .failure
    }

    private static let testPromQLUsage = """
        usage: engram test-promql [--storage memory|head|blocks|split] FILE...

        Runs scripts of the promqltest language and prints each case that fails, with what was expected and
        what came. Without --storage every case runs over samples in memory, in a head, in blocks, and half
        in blocks and half in a head; it passes if it passes over all of them.

        Exit status: 0 if all cases passed, 1 if not or if a file cannot be read, 64 for a wrong command line.
        """

    /// nil where the command line is wrong.
    private static func testPromQLOptions(
        _ arguments: [String]
    ) -> (storages: [ScriptStorage], paths: [String])? {
        var storages = ScriptStorage.allCases
        var paths: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--storage" || argument.hasPrefix("--storage=") {
                let name =
                    argument == "--storage"
                    ? rest.popFirst() : String(argument.dropFirst("--storage=".count))
                guard let storage = name.flatMap(ScriptStorage.init(rawValue:)) else { return nil }
                storages = [storage]
            } else if argument.hasPrefix("-") {
                return nil
            } else {
                paths.append(argument)
            }
        }
        return (storages, paths)
    }

    private struct Unreadable: Error {
        var reason: String
    }

    private static func script(at path: String) -> Result<String, Unreadable> {
        guard let file = fopen(path, "r") else {
            return .failure(Unreadable(reason: String(cString: strerror(errno))))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        guard ferror(file) == 0 else {
            return .failure(Unreadable(reason: String(cString: strerror(errno))))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(Unreadable(reason: "it is not UTF-8"))
        }
        return .success(text)
    }
}
