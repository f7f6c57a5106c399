// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A remedy: one sentence without its full stop, made of words, acts and settings. Its text form is in the words of the running
 * program; see {@link RemedyWording}.
 *
 * @param parts in the order of the sentence; joined without blanks
 */
public record Remedy(List<Part> parts) {

    /** A part of the sentence. */
    public sealed interface Part {

        /** This part in those words. */
        String in(RemedyWording wording);
    }

    /** Words that are the same in every program. */
    public record Words(String text) implements Part {
        @Override
        public String in(RemedyWording wording) {
            return text;
        }
    }

    /** Asks for an act, in the imperative: {@code "renew the credential coordinator …"}. */
    public record Do(Act act) implements Part {
        @Override
        public String in(RemedyWording wording) {
            return wording.clause(act);
        }
    }

    /** Names the act that does what the words before it say, if there is anything to name. */
    public record By(Act act) implements Part {
        @Override
        public String in(RemedyWording wording) {
            return wording.hint(act);
        }
    }

    /** Names a setting. */
    public record Key(Setting setting) implements Part {
        @Override
        public String in(RemedyWording wording) {
            return wording.setting(setting);
        }
    }

    /** Names a key of configuration files. */
    public record ConfigurationKey(String key) implements Part {
        @Override
        public String in(RemedyWording wording) {
            return wording.key(key);
        }
    }

    /** Names a setting with the value that it should have. */
    public record Value(Setting setting, String value) implements Part {
        @Override
        public String in(RemedyWording wording) {
            return wording.setting(setting, value);
        }
    }

    /** Copies the list. */
    public Remedy {
        parts = List.copyOf(parts);
    }

    /** The same words in every program. */
    public static Remedy of(String words) {
        return new Remedy(List.of(new Words(words)));
    }

    /** An act. */
    public static Remedy of(Act act) {
        return new Remedy(List.of(new Do(act)));
    }

    /** An act on the store in use, or on a credential of unknown name. */
    public static Remedy of(Act.Verb verb) {
        return of(Act.of(verb));
    }

    /** A setting. */
    public static Remedy of(Setting setting) {
        return new Remedy(List.of(new Key(setting)));
    }

    /** A key of configuration files, for example {@code health.listen}. */
    public static Remedy ofKey(String key) {
        return new Remedy(List.of(new ConfigurationKey(key)));
    }

    /** This sentence continued. */
    public Remedy then(String words) {
        return then(new Words(words));
    }

    /** This sentence continued with an act. */
    public Remedy then(Act act) {
        return then(new Do(act));
    }

    /** This sentence, and the act that does what it says. */
    public Remedy by(Act act) {
        return then(new By(act));
    }

    /** As {@link #by(Act)}, on the store in use, or on a credential of unknown name. */
    public Remedy by(Act.Verb verb) {
        return by(Act.of(verb));
    }

    /** This sentence continued with a setting. */
    public Remedy then(Setting setting) {
        return then(new Key(setting));
    }

    /** This sentence continued with a setting and its value. */
    public Remedy then(Setting setting, String value) {
        return then(new Value(setting, value));
    }

    private Remedy then(Part part) {
        return then(new Remedy(List.of(part)));
    }

    /** This sentence continued with another. */
    public Remedy then(Remedy next) {
        return new Remedy(Stream.concat(parts.stream(), next.parts.stream()).toList());
    }

    /** The acts in it, in order. */
    public List<Act> acts() {
        return parts.stream()
                .flatMap(part -> part instanceof Do asked
                        ? Stream.of(asked.act())
                        : part instanceof By named ? Stream.of(named.act()) : Stream.empty())
                .toList();
    }

    /** The sentence in the words of the running program. */
    public String text() {
        return in(Program.WORDING);
    }

    /** The sentence in those words. */
    public String in(RemedyWording wording) {
        return parts.stream().map(part -> part.in(wording)).collect(Collectors.joining());
    }

    /** {@link #text()}. */
    @Override
    public String toString() {
        return text();
    }

    /** Found once, when the first remedy is put into words. */
    private static final class Program {
        static final RemedyWording WORDING = ServiceLoader.load(
                        RemedyWording.class, RemedyWording.class.getClassLoader())
                .findFirst()
                .orElseGet(JavaWording::new);
    }
}
