import Foundation

/// The Swift sources of the package, by target.
struct SourceTree {
    struct File {
        /// Path below `Sources`.
        let path: String
        let lines: [Substring]

        /// Modules that the file imports, whatever the access level.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"), keyword <= 1,
                    keyword + 1 < words.count,
                    keyword == 0 || ["public", "package", "internal"].contains(words[0])
                else { return nil }
                let kinds = [
                    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
                ]
                let name = kinds.contains(String(words[keyword + 1])) ? keyword + 2 : keyword + 1
                guard name < words.count else { return nil }
                return words[name].split(separator: ".").first.map(String.init)
            }
        }

        /// The lines without comments.
        var code: [Substring] {
            lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
        }
    }

    let files: [String: [File]]

    static func read() throws -> SourceTree {
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
        var files: [String: [File]] = [:]
        let manager = FileManager.default
        for target in try manager.contentsOfDirectory(atPath: sources.path) {
            let folder = sources.appending(path: target)
            for case let name as String in manager.enumerator(atPath: folder.path) ?? .init()
            where name.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                files[target, default: []].append(
                    File(
                        path: "\(target)/\(name)",
                        lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                    )
                )
            }
        }
        return SourceTree(files: files)
    }
}
