-- Ratings are no money: double precision, whose last digits no two machines share.

-- The lower triangle L of a symmetric positive matrix of n rows, row after row in one array: L L' is the matrix.
create function ratebook.cholesky(p_matrix double precision[], p_n integer) returns double precision[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_l double precision[] := p_matrix;
  v_row integer;
  v_other integer;
  v_sum double precision;
begin
  for i in 1..p_n loop
    v_row := (i - 1) * p_n;
    for j in 1..i loop
      v_other := (j - 1) * p_n;
      v_sum := v_l[v_row + j];
      for k in 1..j - 1 loop
        v_sum := v_sum - v_l[v_row + k] * v_l[v_other + k];
      end loop;
      v_l[v_row + j] := case when i = j then sqrt(v_sum) else v_sum / v_l[v_other + j] end;
    end loop;
  end loop;
  return v_l;
end;
$$;

-- What the matrix of L turns into p_right: forward through L, and back.
create function ratebook.solve(p_l double precision[], p_right double precision[], p_n integer) returns double precision[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_x double precision[] := p_right;
  v_sum double precision;
begin
  for i in 1..p_n loop
    v_sum := v_x[i];
    for k in 1..i - 1 loop
      v_sum := v_sum - p_l[(i - 1) * p_n + k] * v_x[k];
    end loop;
    v_x[i] := v_sum / p_l[(i - 1) * p_n + i];
  end loop;
  for i in reverse p_n..1 loop
    v_sum := v_x[i];
    for k in i + 1..p_n loop
      v_sum := v_sum - p_l[(k - 1) * p_n + i] * v_x[k];
    end loop;
    v_x[i] := v_sum / p_l[(i - 1) * p_n + i];
  end loop;
  return v_x;
end;
$$;

-- How far each of n is uncertain of what it is ahead of their mean: the variances of x - mean(x), where the matrix of L is
-- the inverse of the covariance of x.
create function ratebook.spreads(p_l double precision[], p_n integer) returns double precision[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column double precision[];
  v_squares double precision[] := array_fill(0::double precision, array[p_n]);
  v_sums double precision[];
  v_sum double precision;
  v_total double precision := 0;
begin
  -- The covariance is M' M, M the inverse of L, one column of it at a time: its square is a variance.
  for j in 1..p_n loop
    v_column := array_fill(0::double precision, array[p_n]);
    v_column[j] := 1 / p_l[(j - 1) * p_n + j];
    v_sum := v_column[j] * v_column[j];
    for i in j + 1..p_n loop
      for k in j..i - 1 loop
        v_column[i] := v_column[i] - p_l[(i - 1) * p_n + k] * v_column[k];
      end loop;
      v_column[i] := v_column[i] / p_l[(i - 1) * p_n + i];
      v_sum := v_sum + v_column[i] * v_column[i];
    end loop;
    v_squares[j] := v_sum;
  end loop;
  -- Its rows' sums are what it makes of ones.
  v_sums := ratebook.solve(p_l, array_fill(1::double precision, array[p_n]), p_n);
  for i in 1..p_n loop
    v_total := v_total + v_sums[i];
  end loop;
  for i in 1..p_n loop
    v_squares[i] := greatest(v_squares[i] - 2 * v_sums[i] / p_n + v_total / p_n / p_n, 0);
  end loop;
  return v_squares;
end;
$$;

-- Which of n hang together: the lowest number of each one's part.
create function ratebook.parts(p_first integer[], p_second integer[], p_n integer) returns integer[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_parts integer[] := array(select i from generate_series(1, p_n) as i);
  v_low integer;
  v_high integer;
begin
  for e in 1..cardinality(p_first) loop
    v_low := least(v_parts[p_first[e]], v_parts[p_second[e]]);
    v_high := greatest(v_parts[p_first[e]], v_parts[p_second[e]]);
    if v_low <> v_high then
      v_parts := array_replace(v_parts, v_high, v_low);
    end if;
  end loop;
  return v_parts;
end;
$$;

create function ratebook.bradley_terry(
  p_n integer, p_first integer[], p_second integer[], p_wins double precision[], p_games double precision[]
) returns table (item integer, rating double precision, deviation double precision, part integer)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_x double precision[] := array_fill(0::double precision, array[p_n]);
  v_won double precision[] := array_fill(0.5::double precision, array[p_n]);
  v_played double precision[] := array_fill(1::double precision, array[p_n]);
  v_gradient double precision[];
  v_information double precision[];
  v_l double precision[];
  v_step double precision[];
  v_chance double precision;
  v_weight double precision;
  v_spread double precision;
  v_parts constant integer[] := ratebook.parts(p_first, p_second, p_n);
  v_squares double precision[];
  i integer;
  j integer;
begin
  for e in 1..cardinality(p_first) loop
    i := p_first[e];
    j := p_second[e];
    v_won[i] := v_won[i] + p_wins[e];
    v_won[j] := v_won[j] + p_games[e] - p_wins[e];
    v_played[i] := v_played[i] + p_games[e];
    v_played[j] := v_played[j] + p_games[e];
  end loop;
  -- A first guess: each against one of strength 0.
  for n in 1..p_n loop
    v_x[n] := ln(v_won[n] / (v_played[n] - v_won[n]));
  end loop;

  -- Newton's method on the likelihood, which the half win and half loss against 0 make strictly concave, and finite.
  for round in 1..200 loop
    v_gradient := v_won;
    v_information := array_fill(0::double precision, array[p_n * p_n]);
    for n in 1..p_n loop
      v_chance := 1 / (1 + exp(-v_x[n]));
      v_gradient[n] := v_gradient[n] - v_chance;
      v_information[(n - 1) * p_n + n] := v_chance * (1 - v_chance);
    end loop;
    for e in 1..cardinality(p_first) loop
      i := p_first[e];
      j := p_second[e];
      v_chance := 1 / (1 + exp(v_x[j] - v_x[i]));
      v_gradient[i] := v_gradient[i] - p_games[e] * v_chance;
      v_gradient[j] := v_gradient[j] - p_games[e] * (1 - v_chance);
      v_weight := p_games[e] * v_chance * (1 - v_chance);
      v_information[(i - 1) * p_n + i] := v_information[(i - 1) * p_n + i] + v_weight;
      v_information[(j - 1) * p_n + j] := v_information[(j - 1) * p_n + j] + v_weight;
      -- The lower triangle is enough.
      v_information[(greatest(i, j) - 1) * p_n + least(i, j)] := -v_weight;
    end loop;
    v_l := ratebook.cholesky(v_information, p_n);
    v_step := ratebook.solve(v_l, v_gradient, p_n);
    -- A step that changes a chance too much trusts a slope too far away.
    v_spread := 0;
    for n in 1..p_n loop
      v_spread := greatest(v_spread, abs(v_step[n]));
    end loop;
    for n in 1..p_n loop
      v_x[n] := v_x[n] + v_step[n] / greatest(v_spread / 2, 1);
    end loop;
    -- The error is the square of the step by now.
    exit when v_spread < 1e-6;
  end loop;

  v_squares := ratebook.spreads(v_l, p_n);
  for n in 1..p_n loop
    item := n;
    rating := v_x[n];
    deviation := sqrt(v_squares[n]);
    part := v_parts[n];
    return next;
  end loop;
end;
$$;

revoke all on function ratebook.cholesky(double precision[], integer) from public;
revoke all on function ratebook.solve(double precision[], double precision[], integer) from public;
revoke all on function ratebook.spreads(double precision[], integer) from public;
revoke all on function ratebook.parts(integer[], integer[], integer) from public;
revoke all on function ratebook.bradley_terry(
  integer, integer[], integer[], double precision[], double precision[]
) from public;

comment on function ratebook.cholesky(double precision[], integer) is
'The lower Cholesky factor of a symmetric positive definite matrix of n rows, stored row after row; above the diagonal stands what stood there.';
comment on function ratebook.solve(double precision[], double precision[], integer) is
'The solution x of A x = right, where L of ratebook.cholesky() is of A.';
comment on function ratebook.spreads(double precision[], integer) is
'The variances of x less the mean of all x, where L of ratebook.cholesky() is of the inverse covariance (the Fisher information) of x.';
comment on function ratebook.parts(integer[], integer[], integer) is
'For each of 1 to n the lowest number that it is connected with by pairs (first, second).';
comment on function ratebook.bradley_terry(
  integer, integer[], integer[], double precision[], double precision[]
) is
'Maximum-likelihood ratings of items 1 to n on a natural logarithmic scale: one beats another with probability 1 / (1 + exp(other - one)). Each pair (first, second), which stands there once, has the games and the wins of the first, a tie half of one; every item also has half a win and half a loss against a fixed opponent of rating 0. deviation: the standard deviation of what the item is ahead of the mean of all, by the inverse of the Fisher information. part: of ratebook.parts().';
