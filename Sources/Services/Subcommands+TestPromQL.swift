internal import Foundation
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
            let text: String
            do {
                text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            } catch {
                StandardError.write(
                    "engram test-promql: cannot read \(path): \(error.localizedDescription)\n"
                )
                allRead = false
                continue
            }
            let report = await runner.run(text, name: path)
            for failure in report.failures { print(failure) }
            passed += report.passed
            failed += report.failed
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
}
