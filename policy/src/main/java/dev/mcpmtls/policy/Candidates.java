// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.identity.pattern.Glob;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules that may decide the calls of some callers at some servers. Finding them costs more than deciding by them, so they are kept; an
 * index spares a decision most of their patterns.
 */
final class Candidates {

    private final List<Rule> rules;
    private final Map<Subject, PrefixIndex> bySubject;

    /** The candidates among the rules, which are in the order of the file. */
    Candidates(List<Rule> all) {
        this.rules = Stream.concat(
                        all.stream().filter(Rule::isDeny), all.stream().filter(rule -> !rule.isDeny()))
                .toList();
        this.bySubject = Arrays.stream(Subject.values()).collect(Collectors.toMap(subject -> subject, this::index));
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

    /** The rules that are about the target: denies first, both in the order of the file. Found one by one, because the first mostly decides. */
    Iterable<Rule> about(Target target) {
        BitSet found = new BitSet(rules.size());
        PrefixIndex index = Objects.requireNonNull(bySubject.get(target.call().subject()));
        target.names().forEach(name -> index.find(name, found));
        return () -> new Iterator<>() {
            private int from = 0;

            @Override
            public boolean hasNext() {
                from = from < 0 ? -1 : found.nextSetBit(from);
                while (from >= 0 && !rules.get(from).isAbout(target)) {
                    from = found.nextSetBit(from + 1);
                }
                return from >= 0;
            }

            @Override
            public Rule next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return rules.get(from++);
            }
        };
    }
}
