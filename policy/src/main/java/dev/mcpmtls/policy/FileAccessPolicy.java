// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.policy.condition.Facts;
import dev.mcpmtls.trust.Peer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Decides by the rules of a file. The file is read again when {@link #reload} is called; a broken or deleted file changes nothing, so the last
 * good rules stay. Rate use by a peer outlives a reload. Thread-safe; decisions do not block.
 */
public final class FileAccessPolicy implements AccessPolicy {

    private final Path file;
    private final InstantSource clock;
    private final Buckets buckets = new Buckets();
    private final List<Consumer<AccessPolicy>> listeners = new CopyOnWriteArrayList<>();
    private volatile Rules current;
    private volatile Optional<BadPolicyException> broken = Optional.empty();

    /** The outcome of reading the file again. */
    public sealed interface Reload {

        /** The file says the same as before. */
        record Unchanged() implements Reload {}

        /** There are new rules: what callers may do and see may have changed. */
        record Replaced(Policy previous, Policy current) implements Reload {}

        /** The file cannot be used; the rules in force stay. */
        record Kept(BadPolicyException why) implements Reload {}
    }

    private FileAccessPolicy(Path file, InstantSource clock, Rules current) {
        this.file = file;
        this.clock = clock;
        this.current = current;
    }

    /** As {@link #load(Path, InstantSource)}, by the system's clock. */
    public static FileAccessPolicy load(Path file) {
        return load(file, InstantSource.system());
    }

    /**
     * Loads the rules.
     *
     * @param clock for rates and for {@code request.time}
     * @throws BadPolicyException when the file cannot be used; its message has every error with its place and remedy
     */
    public static FileAccessPolicy load(Path file, InstantSource clock) {
        return new FileAccessPolicy(file, clock, read(file));
    }

    /**
     * As {@link #load(Path, InstantSource)}, but while there is no such file every accepted peer may make every call. A file that appears is
     * taken into use by {@link #reload}, and from then on must stay.
     */
    public static FileAccessPolicy loadIfPresent(Path file, InstantSource clock) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                ? load(file, clock)
                : new FileAccessPolicy(file, clock, Rules.none());
    }

    /** Reads the file again. Blocks on the file system; one thread at a time. */
    public synchronized Reload reload() {
        try {
            Rules previous = current;
            if (isAbsent() && !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return new Reload.Unchanged();
            }
            Rules read = read(file);
            if (previous.isThere && read.text.equals(previous.text)) {
                broken = Optional.empty();
                return new Reload.Unchanged();
            }
            if (isMarked(previous.text) && !isMarked(read.text)) {
                throw half();
            }
            broken = Optional.empty();
            if (previous.policy.mode() == Policy.Mode.SHADOW) {
                buckets.clear(); // recorded there, and never refused
            }
            current = read;
            AccessPolicy before = new Before(previous, clock);
            listeners.forEach(listener -> listener.accept(before));
            return new Reload.Replaced(previous.policy, read.policy);
        } catch (BadPolicyException e) {
            broken = Optional.of(e);
            return new Reload.Kept(e);
        }
    }

    /** Whether the text ends with the line that ends a document of YAML: nothing of it is missing then. */
    private static boolean isMarked(String text) {
        return text.stripTrailing().endsWith("\n...");
    }

    private BadPolicyException half() {
        return new BadPolicyException(Problem.error(
                Problem.Location.of(file.toString()),
                "the last line is not '...', as it was before, so the file may be half written\n"
                        + "end the file with '...', or restart without it"));
    }

    private static Rules read(Path file) {
        Exposure.ofFile(file).filter(exposure -> !exposure.isTolerable()).ifPresent(exposure -> {
            String why = "the file cannot be trusted: " + exposure.why() + "\n" + exposure.remedy();
            throw new BadPolicyException(Problem.error(Problem.Location.of(file.toString()), why));
        });
        String text = YamlReader.load(file, Policy.EXAMPLE);
        return new Rules(text, Policy.parse(file.toString(), text), true);
    }

    /** The file that is read. */
    public Path file() {
        return file;
    }

    /** Whether there has never been such a file, so that every accepted peer may make every call. */
    public boolean isAbsent() {
        return !current.isThere;
    }

    /** The rules in force. */
    public Policy policy() {
        return current.policy;
    }

    /** The rules in force in a few words, for example {@code 3 rules of policy.yaml, default deny}. */
    public String summary() {
        if (isAbsent()) {
            return "every accepted peer may call everything, because there is no " + file;
        }
        Policy rules = policy();
        int count = rules.ruleNames().size();
        return count + (count == 1 ? " rule of " : " rules of ") + file + ", default "
                + rules.fallback().name().toLowerCase(Locale.ROOT)
                + (rules.mode() == Policy.Mode.SHADOW ? ", SHADOW: denied calls are permitted and recorded" : "");
    }

    /** Why the file as it is now cannot be used, when the last {@link #reload} failed: for health. */
    public Optional<BadPolicyException> broken() {
        return broken;
    }

    @Override
    public Decision decide(Peer peer, Call call) {
        Rules rules = current;
        PeerRules its = rules.of(peer);
        Instant now = clock.instant();
        return rules.policy.decide(
                its.at(call),
                Facts.calling(its.caller, call, now),
                (rule, rate, facts) -> buckets.take(rule, rate, facts.caller(), now));
    }

    @Override
    public boolean mayKnowOf(Peer peer, Call call) {
        return current.mayKnowOf(peer, call, clock.instant());
    }

    @Override
    public boolean mayTakeLong(Peer peer, Call call) {
        return Policy.mayTakeLong(current.of(peer).at(call), call);
    }

    @Override
    public Runnable onChange(Consumer<AccessPolicy> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** The rules that were in force before a change. Counts nothing against a rate. */
    private record Before(Rules rules, InstantSource clock) implements AccessPolicy {

        @Override
        public Decision decide(Peer peer, Call call) {
            PeerRules its = rules.of(peer);
            return rules.policy.decide(
                    its.at(call), Facts.calling(its.caller, call, clock.instant()), Policy.Meter.NONE);
        }

        @Override
        public boolean mayKnowOf(Peer peer, Call call) {
            return rules.mayKnowOf(peer, call, clock.instant());
        }
    }

    /** A policy with the rules that it has for each peer; forgets them when the peer is. */
    private static final class Rules {

        private final String text;
        private final Policy policy;
        private final boolean isThere;
        private final Map<Peer, PeerRules> known = Collections.synchronizedMap(new WeakHashMap<>());

        private Rules(String text, Policy policy, boolean isThere) {
            this.text = text;
            this.policy = policy;
            this.isThere = isThere;
        }

        private static Rules none() {
            return new Rules("", new Policy(Effect.PERMIT, Policy.Mode.ENFORCE, List.of()), false);
        }

        private PeerRules of(Peer peer) {
            return known.computeIfAbsent(peer, any -> new PeerRules(Caller.of(peer), policy));
        }

        private boolean mayKnowOf(Peer peer, Call call, Instant now) {
            PeerRules its = of(peer);
            return policy.lists(its.at(call), Facts.listing(its.caller, call, now));
        }
    }

    /** The rules for a peer at each server; those are in the settings, so there are few. */
    private static final class PeerRules {

        private final Caller caller;
        private final Policy policy;
        private final Map<Place, Candidates> known = new ConcurrentHashMap<>();

        private PeerRules(Caller caller, Policy policy) {
            this.caller = caller;
            this.policy = policy;
        }

        private Candidates at(Call call) {
            return known.computeIfAbsent(
                    new Place(call.entry(), call.server()), any -> policy.candidates(caller, call));
        }
    }

    private record Place(String entry, String server) {}
}
