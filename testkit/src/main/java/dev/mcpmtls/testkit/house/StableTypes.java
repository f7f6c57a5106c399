// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit.house;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The types that {@code docs/reference/stable-types.md} lists exist, and show their users no type of ours that it does not list. A nested type
 * is as stable as its outermost. Where a library has other public types, its package's documentation says that it is internal, or
 * except for which types.
 */
public final class StableTypes extends ArchCondition<JavaClass> {

    /** Shown by stable types, and not meant for users. */
    private static final Set<String> NOT_FOR_USERS = Set.of(
            "dev.mcpmtls.transport.server.backend.Backend", // of the builder, to the gateway
            "dev.mcpmtls.authority.Enrolment", // of an authority, to the service that issues over the network
            "dev.mcpmtls.authority.RenewalDefaults", // of the runner and the store, to joined machines
            "dev.mcpmtls.authority.RenewalSource",
            "dev.mcpmtls.tls.reload.AnchorSource", // of the watch, to the settings that name the anchors
            "dev.mcpmtls.runtime.AccessRules", // of the servers, to the command that announces them
            "dev.mcpmtls.tls.handshake.Handshakes", // of a profile, to the transport that makes the handshakes
            "dev.mcpmtls.servers.weather.Weather$Provider"); // the choices of a setting

    private static final Path LIST = Path.of("../docs/reference/stable-types.md");
    private static final String OURS = "dev.mcpmtls.";
    private static final Pattern ROW = Pattern.compile("\\| `dev\\.mcpmtls\\.([a-z.]+)` \\| (.*) \\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");
    private static final Pattern PROGRAM = Pattern.compile("dev\\.mcpmtls\\.(cli|packages|acceptance)\\b.*");
    private static final Pattern INTERNAL = Pattern.compile("<p>Internal(, except [^.]*(\\{[^}]*})?[^.]*)?\\.");

    private final Set<String> stable = new HashSet<>();
    private final Map<String, Boolean> internal = new HashMap<>();

    public StableTypes() {
        super("show no type that is not listed as stable, where they are");
    }

    @Override
    public void init(Collection<JavaClass> classes) {
        for (String line : list()) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                NAME.matcher(row.group(2))
                        .results()
                        .forEach(name -> stable.add(OURS + row.group(1) + "." + name.group(1)));
            }
        }
        Set<String> packages = classes.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
        Set<String> names = classes.stream().map(JavaClass::getName).collect(Collectors.toSet());
        for (String name : stable) {
            if (packages.contains(name.substring(0, name.lastIndexOf('.'))) && !names.contains(name)) {
                throw new AssertionError(name + " is listed as stable, and there is no such type");
            }
        }
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        if (isTopLevel(type) && isShown(type) && !stable.contains(type.getName()) && !isInternal(type)) {
            events.add(SimpleConditionEvent.violated(
                    type,
                    type.getName() + " is public and not listed as stable, and its package does not say <p>Internal."));
        }
        if (!stable.contains(outermost(type)) || !isShown(type)) {
            return;
        }
        Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        Stream<JavaType> shown = Stream.concat(
                parents, type.getMembers().stream().filter(StableTypes::isShown).flatMap(StableTypes::types));
        shown.flatMap(one -> one.getAllInvolvedRawTypes().stream())
                .map(JavaClass::getBaseComponentType)
                .filter(other -> other.getName().startsWith(OURS) && !stable.contains(outermost(other)))
                .filter(other -> !NOT_FOR_USERS.contains(other.getName()))
                .map(JavaClass::getName)
                .distinct()
                .forEach(other -> events.add(SimpleConditionEvent.violated(
                        type, type.getName() + " is stable and shows " + other + ", which is not")));
    }

    private static boolean isTopLevel(JavaClass type) {
        return type.getName().equals(outermost(type));
    }

    private boolean isInternal(JavaClass type) {
        String name = type.getPackageName();
        return PROGRAM.matcher(name).matches()
                || internal.computeIfAbsent(
                        name, unread -> INTERNAL.matcher(documentation(name)).find());
    }

    private static String documentation(String name) {
        Path file = Path.of("src/main/java", name.replace('.', '/'), "package-info.java");
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            Path found = modules.map(module -> module.resolve(file))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("there is no " + file));
            return Files.readString(found);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isShown(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(StableTypes::isShown).orElse(true);
    }

    private static boolean isShown(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.PUBLIC)
                && !member.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    private static Stream<JavaType> types(JavaMember member) {
        if (member instanceof JavaField field) {
            return Stream.of(field.getType());
        }
        JavaCodeUnit unit = (JavaCodeUnit) member;
        return Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream());
    }

    private static String outermost(JavaClass type) {
        return type.getName().replaceFirst("\\$.*", "");
    }

    private static Iterable<String> list() {
        try {
            return Files.readAllLines(LIST);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
