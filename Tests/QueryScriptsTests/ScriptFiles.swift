import Foundation

/// Access to the files of scripts.
enum ScriptFiles {
    /// Scripts of ours, beside this file.
    static let own = folder + "/Scripts"

    /// The scripts of Prometheus, beside the package.
    static let reference = folder + "/../../../shared/promql/testdata"

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().path

    static func exist(in folder: String) -> Bool { FileManager.default.fileExists(atPath: folder) }

    /// The paths of the scripts in a folder, sorted.
    static func paths(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".test") }.sorted().map { folder + "/" + $0 }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// The last part of a path.
    static func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }
}
