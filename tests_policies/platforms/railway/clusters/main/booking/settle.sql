-- Yesterday's sales by operator, for the clearing house.
INSERT INTO settlement (day, operator, amount)
SELECT current_date - 1, operator, sum(amount) FROM sale
WHERE sold_at >= current_date - 1 AND sold_at < current_date
GROUP BY operator
ON CONFLICT DO NOTHING;
