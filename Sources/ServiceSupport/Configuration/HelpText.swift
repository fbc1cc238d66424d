/// The answer to `--help`.
enum HelpText {
    /// Columns a line has at most, unless one word is longer.
    static let width = 96

    /// Usage, general options, and every key of the executable with its default.
    static func text(for executable: Executable) -> String {
        var text = """
            \(executable.name): \(executable.purpose)

            Usage: \(executable.name) [--config FILE] [--SECTION-KEY VALUE]...

            Options:

            """
        for option in CommandLineFlags.general {
            let left = ([option.flag] + [option.placeholder].compactMap(\.self))
                .joined(separator: " ")
            text += "  " + left + String(repeating: " ", count: 18 - left.count)
            text += option.text + "\n"
        }
        text += """

            Keys, each also a variable (--http-listen is ENGRAM_HTTP_LISTEN) and a line of the file
            (http.listen). A flag goes before a variable, a variable before the file.

            """
        for key in ConfigurationKey.all(for: executable) {
            text += "\n  \(key.flag) \(key.placeholder)\n"
            let standard = key.defaultText(for: executable)
            let ending = standard.isEmpty ? "No default." : "Default: \(standard)."
            let sentences = "\(key.documentation) Accepts \(key.expectation). \(ending)"
            text += wrapped(sentences.filter { $0 != "`" }, indent: 6)
        }
        return text
    }

    private static func wrapped(_ sentence: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in sentence.split(separator: " ") {
            if line.count + word.count + 1 > width, line.count > indent {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}
