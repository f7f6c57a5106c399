// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.policy.pattern.Glob;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The rules that may decide the calls of some callers at some servers. Finding them costs more than deciding by them, so they are kept; an
 * index spares a decision most of their patterns.
 */
final class Candidates {

    private final List<Rule> rules;
    private final Map<Subject, PrefixIndex> byTarget = new EnumMap<>(Subject.class);

    /** Those of the rules, which are in the order of the file. */
    Candidates(List<Rule> all) {
        this.rules = Stream.concat(
                        all.stream().filter(Rule::isDeny), all.stream().filter(rule -> !rule.isDeny()))
                .toList();
        for (Subject subject : Subject.values()) {
            byTarget.put(subject, index(subject));
        }
    }

    private PrefixIndex index(Subject subject) {
        PrefixIndex index = new PrefixIndex();
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            for (Glob pattern : rule.patternsFor(subject)) {
                index.add(subject == Subject.TEMPLATE ? "" : pattern.prefix(), i);
            }
            if (subject != Subject.NONE && !rule.methods().isEmpty()) {
                index.add("", i);
            }
        }
        return index;
    }

    /** The rules that are about the target: denies first, both in the order of the file. */
    List<Rule> about(Target target) {
        BitSet found = new BitSet(rules.size());
        PrefixIndex index = byTarget.get(target.call().subject());
        target.names().forEach(name -> index.find(name, found));
        List<Rule> about = new ArrayList<>(found.cardinality());
        for (int i = found.nextSetBit(0); i >= 0; i = found.nextSetBit(i + 1)) {
            if (rules.get(i).isAbout(target)) {
                about.add(rules.get(i));
            }
        }
        return about;
    }
}
