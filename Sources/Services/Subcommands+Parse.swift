internal import Foundation
internal import PromQL
internal import ServiceSupport

extension Subcommands {
    /// Reads JSON strings with an expression each, a line each, and prints what the parser makes of them.
    static func parse(_ arguments: [String]) -> ExitCode {
        guard let features = features(arguments) else {
            StandardError.write(
                "usage: engram parse [--features all|LIST], LIST of "
                    + featureNames.keys.sorted().joined(separator: ",") + "\n"
            )
            return .usage
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        while let line = readLine() {
            guard let text = try? JSONDecoder().decode(String.self, from: Data(line.utf8)) else {
                StandardError.write("engram parse: not a JSON string: \(line)\n")
                return .failure
            }
            guard let answer = try? encoder.encode(Self.answer(to: text, features)) else {
                return .failure
            }
            print(String(decoding: answer, as: UTF8.self))
        }
        return .success
    }

    private static let featureNames: [String: LanguageFeatures] = [
        "promql-experimental-functions": .experimentalFunctions,
        "promql-duration-expr": .durationExpressions,
        "promql-extended-range-selectors": .extendedRangeSelectors,
        "promql-binop-fill-modifiers": .fillModifiers,
    ]

    private static func features(_ arguments: [String]) -> LanguageFeatures? {
        if arguments.isEmpty { return .standard }
        let value: String
        if arguments.count == 2, arguments[0] == "--features" {
            value = arguments[1]
        } else if arguments.count == 1, arguments[0].hasPrefix("--features=") {
            value = String(arguments[0].dropFirst("--features=".count))
        } else {
            return nil
        }
        if value == "all" { return .all }
        var features = LanguageFeatures.standard
        for name in value.split(separator: ",") {
            guard let feature = featureNames[String(name)] else { return nil }
            features.insert(feature)
        }
        return features
    }

    private static func answer(to text: String, _ features: LanguageFeatures) -> [String: String] {
        do {
            let expression = try Parser.parse(text, features: features)
            return [
                "canonical": expression.description, "pretty": expression.pretty,
                "type": expression.valueType.rawValue,
            ]
        } catch {
            return ["error": error.description]
        }
    }
}
