// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code cities.csv} and {@code countries.csv}: commas between columns, semicolons between names, no quoting. */
final class CityList {

    private CityList() {}

    static List<Gazetteer.Entry> load() {
        Map<String, Country> countries = new HashMap<>();
        rows("countries.csv").forEach(row -> countries.put(row[0], new Country(row[1], keys(row[0], row[1], row[2]))));
        return rows("cities.csv").map(row -> entry(row, countries)).toList();
    }

    private record Country(String name, Set<String> keys) {}

    private static Gazetteer.Entry entry(String[] row, Map<String, Country> countries) {
        Country country = Objects.requireNonNull(countries.get(row[2]), row[2]);
        City city = new City(
                row[0],
                country.name(),
                Double.parseDouble(row[4]),
                Double.parseDouble(row[5]),
                ZoneId.of(row[6]),
                new Normals(Double.parseDouble(row[7]), Double.parseDouble(row[8])));
        Set<String> places = new LinkedHashSet<>(country.keys());
        places.addAll(keys(row[3]));
        return new Gazetteer.Entry(city, keys(row[0], row[1]), places);
    }

    private static Set<String> keys(String... columns) {
        Set<String> keys = new LinkedHashSet<>();
        for (String column : columns) {
            Arrays.stream(column.split(";"))
                    .map(PlaceKey::of)
                    .filter(key -> !key.isEmpty())
                    .forEach(keys::add);
        }
        return keys;
    }

    private static Stream<String[]> rows(String resource) {
        try (InputStream in = Objects.requireNonNull(CityList.class.getResourceAsStream(resource), resource);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(line -> line.split(",", -1)).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
