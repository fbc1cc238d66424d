internal import PromQL

extension ExpressionGenerator {
    /// A function of a range vector.
    mutating func rangeCall(depth: Int) -> QueryTree {
        if chance(0.3) { return counterCall(depth: depth) }
        var exactNames = [
            "changes", "count_over_time", "delta", "idelta", "irate", "last_over_time",
            "max_over_time", "min_over_time", "present_over_time", "resets", "quantile_over_time",
            "absent_over_time",
        ]
        var approximateNames = [
            "avg_over_time", "sum_over_time", "stddev_over_time", "stdvar_over_time", "deriv",
            "predict_linear", "double_exponential_smoothing",
        ]
        if !isComparable {
            exactNames += ["first_over_time", "mad_over_time", "ts_of_min_over_time"]
            approximateNames += ["ts_of_max_over_time", "ts_of_first_over_time"]
            approximateNames += ["ts_of_last_over_time"]
        }
        let isApproximate = allowsApproximate && chance(0.4)
        let name = pick(isApproximate ? approximateNames : exactNames)
        // Differences of values with open digits may have any number of digits.
        let argument = exact(.matrix, depth: depth - 1)
        let arguments: [QueryTree.Part] =
            switch name {
            case "quantile_over_time":
                [parameter(["0.5", "0", "1", "0.9", "-1", "2", "NaN"]), .child(argument)]
            case "predict_linear": [.child(argument), parameter(["60", "-60", "3600", "0"])]
            case "double_exponential_smoothing":
                [.child(argument), parameter(["0.5", "0.1", "0.9"]), parameter(["0.5", "0.1"])]
            default: [.child(argument)]
            }
        var traits: QueryTraits = isApproximate ? .summation : []
        if name == "predict_linear", argument.text.contains("@") { traits.insert(.prediction) }
        return call(name, arguments, traits: traits)
    }

    private mutating func counterCall(depth: Int) -> QueryTree {
        let name = pick(["rate", "increase"])
        if chance(0.85) {
            return call(name, [.child(rangeSelector(pick(Vocabulary.counters)))])
        }
        return call(name, [.child(exact(.matrix, depth: depth - 1))], traits: .rateOfOther)
    }

    /// A function of each value.
    mutating func elementwise(depth: Int) -> QueryTree {
        if allowsApproximate, chance(0.4) {
            let name = pick([
                "exp", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
                "cosh", "tanh", "asinh", "acosh", "atanh",
            ])
            return call(name, [.child(exact(.vector, depth: depth - 1))], traits: .mathLibrary)
        }
        if chance(0.35) {
            let name = pick(["abs", "sqrt", "deg", "rad"])
            return call(name, [.child(expression(.vector, depth: depth - 1))])
        }
        let argument = QueryTree.Part.child(exact(.vector, depth: depth - 1))
        let name = pick([
            "ceil", "floor", "sgn", "round", "round", "clamp", "clamp_min", "clamp_max",
        ])
        let bounds = ["0", "1", "-1", "20", "0.5", "NaN", "Inf"]
        return switch name {
        case "round" where chance(0.5): call(name, [argument, parameter(["1", "5", "0.1", "0"])])
        case "clamp": call(name, [argument, parameter(bounds), parameter(bounds)])
        case "clamp_min", "clamp_max": call(name, [argument, parameter(bounds)])
        default: call(name, [argument])
        }
    }

    /// All other functions.
    mutating func otherCall(depth: Int) -> QueryTree {
        switch Int.random(in: 0..<(isComparable ? 10 : 14), using: &random) {
        case 0: return call("vector", [.child(expression(.scalar, depth: depth - 1))])
        case 1: return call("absent", [.child(expression(.vector, depth: depth - 1))])
        case 2: return call("timestamp", [.child(expression(.vector, depth: depth - 1))])
        case 3: return date()
        case 4, 5: return quantileOfBuckets()
        case 6, 7: return replacement(depth: depth)
        case 8: return join(depth: depth)
        case 9:
            return call(pick(["sort", "sort_desc"]), [.child(exact(.vector, depth: depth - 1))])
        default: return newerCall(depth: depth)
        }
    }

    /// Of small numbers only: what lies outside of the calendar has no defined date.
    private mutating func date() -> QueryTree {
        let name = pick([
            "minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month",
            "month", "year",
        ])
        let argument = pick([
            "", "vector(time())", "vector(951782400)", "vector(-86400.5)", "timestamp(temperature)",
            "memory_bytes * 86400", "vector(1709164800)", "vector(4102444800)",
        ])
        let extremes = ["vector(1e300)", "odd_values", "vector(-9.3e18)", "vector(1e18)"]
        let text = isComparable || chance(0.7) ? argument : pick(extremes)
        return QueryTree(
            .vector,
            [.text(name + "("), .reducible(text, simpler: [""]), .text(")")]
        )
    }

    private mutating func quantileOfBuckets() -> QueryTree {
        let trait = QueryTraits.summation
        guard allowsApproximate || !isComparable else { return instantSelector() }
        let buckets = instantSelector(Vocabulary.buckets)
        let rates = call("rate", [.child(rangeSelector(Vocabulary.buckets))])
        let summed = QueryTree(
            .vector,
            [
                .text("sum by (le"), .reducible(", job", simpler: [""]), .text(") ("),
                .child(rates), .text(")"),
            ],
            traits: trait
        )
        let quantile = parameter(["0.9", "0.5", "0", "1", "0.99", "-1", "1.5", "NaN"])
        let argument = pick([buckets, rates, summed])
        return call("histogram_quantile", [quantile, .child(argument)], traits: trait)
    }

    private mutating func replacement(depth: Int) -> QueryTree {
        let source = pick(["job", "instance", "__name__", "absent", "le", "zone"])
        let target = pick(["job", "new", "instance", "__name__", "copy"])
        let pattern = pick(["(.*)", "(.)(.*)", "a.*", "", "(?P<x>.+):(.+)", "(.+)|(.*)", "web"])
        let value = pick(["$1", "x", "", "${1}-y", "$2$1", "$x", "fixed_$1", "$$", "$1x", "${9}"])
        let texts = [target, value, source, pattern].map { "\"\($0)\"" }.joined(separator: ", ")
        let argument = QueryTree.Part.child(expression(.vector, depth: depth - 1))
        return call("label_replace", [argument, .text(texts)])
    }

    private mutating func join(depth: Int) -> QueryTree {
        let sources = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            "\"\(pick(["job", "instance", "zone", "absent", "__name__"]))\""
        }
        let target = pick(["joined", "job", "__name__"])
        let texts = ["\"\(target)\"", "\"\(pick(["-", "", ", "]))\""] + sources
        let argument = QueryTree.Part.child(expression(.vector, depth: depth - 1))
        return call("label_join", [argument, .text(texts.joined(separator: ", "))])
    }

    /// Functions that came after Prometheus 2.42.
    private mutating func newerCall(depth: Int) -> QueryTree {
        let argument = QueryTree.Part.child(expression(.vector, depth: depth - 1))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return call("info", [argument])
        case 1: return call("info", [argument, .text("{version=~\".+\"}")])
        case 2:
            return call(
                pick(["sort_by_label", "sort_by_label_desc"]),
                [argument, .text("\"job\"")]
            )
        case 3:
            return call(
                "histogram_fraction",
                [parameter(["0", "0.1"]), parameter(["1"]), argument]
            )
        case 4:
            return call(
                "histogram_quantiles",
                [argument, .text("\"q\""), parameter(["0.5", "2"])]
            )
        case 5:
            let names = ["histogram_avg", "histogram_count", "histogram_stddev", "histogram_sum"]
            return call(pick(names + ["start_timestamp", "histogram_stdvar"]), [argument])
        default:
            let scalars = [parameter(["1", "NaN"]), parameter(["2", "-Inf"])]
            var node = call(pick(["min_of", "max_of"]), scalars)
            node.type = .scalar
            return call("vector", [.child(node)])
        }
    }
}
