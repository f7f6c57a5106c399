// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit.house;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * No cycle of dependencies inside a package is larger than a pair of top-level classes. Nested classes count as their outermost class,
 * so a sealed family that is written inside its interface is one.
 */
public final class ClassCycles extends ArchCondition<JavaClass> {

    private final List<String> known;
    private final Map<String, Set<String>> arrows = new HashMap<>();
    private final Set<String> found = new HashSet<>();

    /** @param known larger ones that stay, each as {@code package: Class Class Class} in alphabetical order */
    public ClassCycles(List<String> known) {
        super("be in no cycle of more than two classes of its package");
        this.known = List.copyOf(known);
    }

    @Override
    public void init(Collection<JavaClass> classes) {
        for (JavaClass origin : classes) {
            Set<String> targets = arrows.computeIfAbsent(outermost(origin), first -> new HashSet<>());
            for (Dependency arrow : origin.getDirectDependenciesFromSelf()) {
                JavaClass target = arrow.getTargetClass().getBaseComponentType();
                if (target.getPackageName().equals(origin.getPackageName())) {
                    targets.add(outermost(target));
                }
            }
        }
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
        String name = outermost(one);
        if (!one.getName().equals(name) || one.getModifiers().contains(JavaModifier.SYNTHETIC)) {
            return;
        }
        Set<String> cycle = new TreeSet<>(reachable(name));
        cycle.removeIf(other -> !reachable(other).contains(name));
        if (cycle.size() <= 2) {
            return;
        }
        found.add(text(cycle));
        if (!known.contains(text(cycle))) {
            events.add(SimpleConditionEvent.violated(one, "a cycle of " + cycle.size() + ": " + cycle));
        }
    }

    @Override
    public void finish(ConditionEvents events) {
        known.stream()
                .filter(listed -> !found.contains(listed))
                .forEach(listed -> events.add(SimpleConditionEvent.violated(
                        listed, "no longer a cycle, to be taken off the list: " + listed)));
    }

    private Set<String> reachable(String from) {
        Set<String> seen = new HashSet<>();
        List<String> open = new ArrayList<>(arrows.getOrDefault(from, Set.of()));
        while (!open.isEmpty()) {
            String next = open.remove(open.size() - 1);
            if (seen.add(next)) {
                open.addAll(arrows.getOrDefault(next, Set.of()));
            }
        }
        return seen;
    }

    private static String text(Set<String> cycle) {
        String first = cycle.iterator().next();
        String room = first.substring("dev.mcpmtls.".length(), first.lastIndexOf('.'));
        return room + ": "
                + cycle.stream()
                        .map(name -> name.substring(name.lastIndexOf('.') + 1))
                        .collect(Collectors.joining(" "));
    }

    private static String outermost(JavaClass one) {
        return one.getName().replaceFirst("\\$.*", "");
    }
}
