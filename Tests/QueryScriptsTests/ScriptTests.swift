import Glibc
import Testing

import PromQL

@testable import QueryScripts

@Suite struct ScriptTests {
    /// The folder of this file.
    private static let folder = String(
        #filePath.prefix(
            #filePath.lastIndex(of: "/").map {
                #filePath.distance(from: #filePath.startIndex, to: $0)
            } ?? 0
        )
    )

    private static let reference = folder + "/../../../shared/promql/testdata"

    @Test(arguments: [
        ("", ScriptRunner.standardFeatures), ("ImmediateNames/", EvaluationFeatures()),
    ])
    func `our scripts pass`(folder: String, features: EvaluationFeatures) throws {
        let folder = Self.folder + "/Scripts/" + folder
        for name in try ScriptFiles.names(in: folder) {
            let report = try ScriptRunner.run(
                try ScriptFiles.text(folder + "/" + name),
                name: name,
                features: features
            )
            #expect(report.failures.isEmpty, "\(report.failures.joined(separator: "\n"))")
            #expect(report.outOfScope.isEmpty)
            #expect(report.passed > 0)
        }
    }

    @Test(
        .enabled(if: ScriptFiles.exists(reference), "no reference scripts at \(reference)"),
        arguments: (try? ScriptFiles.names(in: reference)) ?? []
    )
    func `reference scripts pass where they need nothing that is missing`(name: String) throws {
        let report = try ScriptRunner.run(
            try ScriptFiles.text(Self.reference + "/" + name),
            name: name
        )
        #expect(report.failures.isEmpty, "\(report.failures.joined(separator: "\n"))")
        #expect(report.outOfScope[.missingFunction] == nil)
        let outOfScope = report.outOfScope.map { "\($0.value) need \($0.key.rawValue)" }
        print(
            "\(name): \(report.passed) passed, \(report.failures.count) failed, "
                + "out of scope: \(outOfScope.sorted().joined(separator: ", "))"
        )
    }
}

/// Access to the files of scripts.
enum ScriptFiles {
    struct Unreadable: Error {
        var path: String
    }

    static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The scripts in a folder, sorted.
    static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw Unreadable(path: folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".test") { names.append(name) }
        }
        return names.sorted()
    }

    static func text(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
