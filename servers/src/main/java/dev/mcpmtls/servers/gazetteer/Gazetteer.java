// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import dev.mcpmtls.remedy.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The large cities of the world by any of their names. Case, accents, spaces and punctuation do not matter ({@code sao paulo},
 * {@code MÜNCHEN}, {@code st petersburg}), and a country or a state distinguishes cities of one name ({@code Portland, Maine}).
 * A shared name means the city listed first. Immutable.
 */
public final class Gazetteer {

    private static final int MAX_SUGGESTIONS = 3;
    private static final int MIN_PREFIX = 3;

    private final List<Entry> entries;
    private final Map<String, List<Entry>> byKey = new LinkedHashMap<>();

    private Gazetteer(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        for (Entry entry : entries) {
            entry.keys()
                    .forEach(key -> byKey.computeIfAbsent(key, unused -> new ArrayList<>(1))
                            .add(entry));
        }
    }

    /** The program's own gazetteer. */
    public static Gazetteer builtIn() {
        return BuiltIn.GAZETTEER;
    }

    /** The city of that name, if it is listed. */
    public Optional<City> find(String name) {
        List<Entry> namesakes = byKey.getOrDefault(PlaceKey.of(name), List.of());
        if (!namesakes.isEmpty()) {
            return Optional.of(namesakes.get(0).city());
        }
        return name.indexOf(',') >= 0
                ? findAmong(name.split(",", -1))
                : findWithTrailingPlace(name.trim().split("\\s+"));
    }

    /** Cities with a similar name, the nearest first; at most three, often none. */
    public List<City> suggestions(String name) {
        String whole = PlaceKey.of(name);
        String head = PlaceKey.of(name.split(",", 2)[0]);
        Map<City, Integer> slips = new HashMap<>();
        byKey.forEach((key, namesakes) -> {
            int distance = Math.min(slips(whole, key), slips(head, key));
            if (distance <= tolerated(head)) {
                namesakes.forEach(entry -> slips.merge(entry.city(), distance, Math::min));
            }
        });
        return slips.entrySet().stream()
                .sorted(Map.Entry.<City, Integer>comparingByValue()
                        .thenComparing(found -> found.getKey().label(), Comparator.naturalOrder()))
                .limit(MAX_SUGGESTIONS)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Every city, in the order of the list. */
    public List<City> cities() {
        return entries.stream().map(Entry::city).toList();
    }

    /** The keys that several cities share. */
    Map<String, List<City>> sharedNames() {
        Map<String, List<City>> shared = new LinkedHashMap<>();
        byKey.forEach((key, namesakes) -> {
            if (namesakes.size() > 1) {
                shared.put(key, namesakes.stream().map(Entry::city).toList());
            }
        });
        return shared;
    }

    private Optional<City> findAmong(String[] parts) {
        List<String> places = Arrays.stream(parts)
                .skip(1)
                .map(PlaceKey::of)
                .filter(key -> !key.isEmpty())
                .toList();
        return byKey.getOrDefault(PlaceKey.of(parts[0]), List.of()).stream()
                .filter(entry -> entry.places().containsAll(places))
                .map(Entry::city)
                .findFirst();
    }

    /** {@code Paris France}, {@code San José Costa Rica}: the last words may name the country or state. */
    private Optional<City> findWithTrailingPlace(String[] words) {
        for (int split = words.length - 1; split > 0; split--) {
            String name = String.join(" ", Arrays.copyOfRange(words, 0, split));
            String place = String.join(" ", Arrays.copyOfRange(words, split, words.length));
            Optional<City> found = findAmong(new String[] {name, place});
            if (found.isPresent() && !PlaceKey.of(place).isEmpty()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static int slips(String wanted, String key) {
        if (wanted.length() >= MIN_PREFIX && key.startsWith(wanted)) {
            return 1;
        }
        int tolerated = tolerated(wanted);
        return Math.abs(wanted.length() - key.length()) > tolerated ? Integer.MAX_VALUE : Nearest.distance(wanted, key);
    }

    private static int tolerated(String wanted) {
        return wanted.length() < 3 ? 0 : Math.min(3, 1 + wanted.length() / 5);
    }

    /**
     * One line of the list.
     *
     * @param keys of its name and aliases
     * @param places keys that may follow the name to distinguish it: country, country code, state
     */
    record Entry(City city, Set<String> keys, Set<String> places) {}

    private static final class BuiltIn {
        static final Gazetteer GAZETTEER = new Gazetteer(CityList.load());
    }
}
