import Foundation
import PromQL

/// The reference files with valid and invalid queries, if they lie beside the package.
struct ReferenceCorpus {
    /// One line: the switches, and the other columns decoded.
    struct Entry {
        var features: LanguageFeatures
        var columns: [String]
    }

    let entries: [Entry]

    /// - Returns: nil if the file is absent.
    init?(file: String) throws {
        guard let url = Self.url(of: file) else { return nil }
        let text = try String(contentsOf: url, encoding: .utf8)
        entries = try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            return Entry(
                features: fields[0] == "exp" ? .all : .standard,
                columns: try fields.dropFirst().map {
                    try JSONDecoder().decode(String.self, from: Data($0.utf8))
                }
            )
        }
    }

    static func isPresent(_ file: String) -> Bool { url(of: file) != nil }

    private static func url(of file: String) -> URL? {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            let candidate = folder.appending(path: "../shared/promql/\(file)").standardizedFileURL
            let isPackage = FileManager.default.fileExists(
                atPath: folder.appending(path: "Package.swift").path
            )
            if isPackage, FileManager.default.fileExists(atPath: candidate.path) {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
