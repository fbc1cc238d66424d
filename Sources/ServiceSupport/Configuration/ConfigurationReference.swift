/// The text of `docs/configuration.md`.
public enum ConfigurationReference {
    /// Every key with type, range, default and effect, in the order of the table.
    public static func markdown() -> String {
        var text = introduction
        var section = ""
        for key in ConfigurationKey.all {
            if key.section != section {
                section = key.section
                text += "\n## \(section)\n"
            }
            text += entry(key)
        }
        return text
    }

    private static let introduction = """
        # Configuration

        This page is generated from the table of keys: change the key, then run `make docs`.

        Every key `section.someKey` can be set in three places. A flag goes before an environment
        variable, a variable before the file, the file before the default.

        | Place | Spelling |
        | --- | --- |
        | flag | `--section-some-key VALUE` or `--section-some-key=VALUE` |
        | environment | `ENGRAM_SECTION_SOME_KEY=VALUE` |
        | file, named by `--config FILE` | YAML: `section:`, and below it `someKey: VALUE` |

        Durations are whole numbers with the units `w`, `d`, `h`, `m`, `s` and `ms`, largest first:
        `24h`, `1h30m`, `100ms`, `0`. Sizes have the units `KiB`, `MiB`, `GiB`, `KB`, `MB`, `GB`, or
        none for bytes. Lists are separated by commas; in the file a YAML list will do.

        All values are checked at start. A key, variable or flag that does not exist, a value out of
        range, or values that contradict each other end the process before it does anything: with
        exit code 64 for bad flags and 78 for everything else, and a message that names the key.
        One file can serve every process of a cluster: keys of other executables are checked and then
        ignored in the file and the environment, but not accepted as flags. Variables that Kubernetes
        sets for services called `engram…` are ignored.

        `--check-config` checks and prints what would be in force; a running process shows the same at
        `/config`. Passwords are masked in both. `--help` lists the keys of one executable.

        """

    private static func entry(_ key: ConfigurationKey) -> String {
        let users =
            key.executables == Executable.allCases
            ? "every executable" : key.executables.map { "`\($0.name)`" }.joined(separator: ", ")
        return """

            ### `\(key.name)`

            \(key.documentation)

            - Accepts: \(key.expectation)
            - Default: \(defaults(of: key))
            - Flag `\(key.flag)`, variable `\(key.environmentVariable)`
            - Used by: \(users)
            \(override(of: key))
            """
    }

    /// A line about the names that a limit has in the overrides file; empty for other keys.
    private static func override(of key: ConfigurationKey) -> String {
        guard LimitNames.keys.contains(where: { $0.name == key.name }) else { return "" }
        let names = LimitNames.all(of: key).map { "`\($0)`" }.joined(separator: ", ")
        return "- By tenant, in the overrides file ([limits](limits.md)): \(names)\n"
    }

    /// One default, or one for each group of executables that share it.
    private static func defaults(of key: ConfigurationKey) -> String {
        var groups: [(text: String, executables: [Executable])] = []
        for executable in key.executables {
            let text = key.defaultText(for: executable)
            if let index = groups.firstIndex(where: { $0.text == text }) {
                groups[index].executables.append(executable)
            } else {
                groups.append((text, [executable]))
            }
        }
        guard groups.count > 1 else { return groups.map { shown($0.text) }.joined() }
        return groups.map { group in
            "\(shown(group.text)) (" + group.executables.map(\.name).joined(separator: ", ") + ")"
        }.joined(separator: ", ")
    }

    private static func shown(_ text: String) -> String {
        text.isEmpty ? "empty" : text.contains(" ") ? text : "`\(text)`"
    }
}
